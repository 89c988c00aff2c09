namespace Percpu.Pagemap;

/// <summary>What a physical range is.</summary>
/// <remarks>Kernel: the name of a <c>struct resource</c>.</remarks>
public enum RegionKind
{
    /// <summary>Memory of the host. Kernel: "System RAM".</summary>
    SystemRam,

    /// <summary>Memory of a device.</summary>
    Device,
}
