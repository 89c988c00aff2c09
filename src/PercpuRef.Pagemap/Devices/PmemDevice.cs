namespace Percpu.Pagemap;

/// <summary>What the pmem driver keeps for a bound device.</summary>
/// <remarks>Kernel: <c>struct pmem_device</c>.</remarks>
public sealed class PmemDevice
{
    internal PmemDevice(NamespaceMode mode, PhysicalRegion region, DeviceMapping mapping, PfnFlags flags)
    {
        Mode = mode;
        Region = region;
        Mapping = mapping;
        PfnFlags = flags;
    }

    /// <summary>What the namespace was found to be.</summary>
    public NamespaceMode Mode { get; }

    /// <summary>Its range.</summary>
    public PhysicalRegion Region { get; }

    /// <summary>How it is mapped. Kernel: <c>virt_addr</c>.</summary>
    public DeviceMapping Mapping { get; }

    /// <summary>Whether its frames have pages. Kernel: <c>pfn_flags</c>.</summary>
    public PfnFlags PfnFlags { get; }

    /// <summary>Its disk.</summary>
    public BlockDisk Disk { get; internal set; } = null!;
}
