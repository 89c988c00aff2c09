namespace Percpu.Pagemap;

/// <summary>What is known of a frame that a disk gives away.</summary>
/// <remarks>Kernel: the flags of <c>pfn_t</c>. Only with both may page tables take it as a page of a device's map.</remarks>
[Flags]
public enum PfnFlags
{
    /// <summary>RAM.</summary>
    None = 0,

    /// <summary>Memory of a device. Kernel: <c>PFN_DEV</c>.</summary>
    Device = 1,

    /// <summary>It has a page that can be pinned. Kernel: <c>PFN_MAP</c>.</summary>
    Mapped = 2,
}
