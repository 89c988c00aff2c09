namespace Percpu.Pagemap;

/// <summary>A mapping of device memory.</summary>
/// <remarks>Kernel: the address that <c>devm_memremap</c> and <c>devm_memremap_pages</c> return.</remarks>
public sealed unsafe class DeviceMapping
{
    private readonly PhysicalRegion _region;
    private readonly DeviceResource? _resource;

    internal DeviceMapping(PhysicalRegion region, PfnRange range, DevPagemap? pagemap, DeviceResource? resource)
    {
        _region = region;
        _resource = resource;
        Range = range;
        Pagemap = pagemap;
    }

    /// <summary>What was mapped.</summary>
    public PfnRange Range { get; }

    /// <summary>The registered map; null for one without pages, and for the direct map of RAM.</summary>
    public DevPagemap? Pagemap { get; }

    /// <summary>What stands behind it, and which kind of mapping a file got.</summary>
    public RegionBacking Backing => _region.Backing;

    /// <summary>Where it is in the process, while it is mapped.</summary>
    public nint Address => (nint)(_region.Address + ((Range.Start.Value - _region.Range.Start.Value) << Pfn.PageShift));

    /// <summary>Releases the mapping before its device does. The reference was killed; waits for its last holder.</summary>
    /// <returns>False if there is nothing to release (any more).</returns>
    /// <remarks>Kernel: <c>devm_memunmap</c>, <c>devm_memunmap_pages</c>.</remarks>
    public bool Release() => _resource?.Release() ?? false;
}
