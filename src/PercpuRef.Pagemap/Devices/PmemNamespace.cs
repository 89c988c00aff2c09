namespace Percpu.Pagemap;

/// <summary>A device range as the pmem driver sees it, and how it was formatted.</summary>
/// <remarks>Kernel: <c>struct nd_namespace_common</c>, <c>struct nd_namespace_io</c>.</remarks>
public sealed class PmemNamespace
{
    private const ulong PagesPerFramePage = 1UL << (Pfn.PageShift - PageFrame.FrameShift);

    /// <summary>Wraps a region.</summary>
    /// <param name="region">A device's, not RAM's.</param>
    /// <param name="mapPages">Whether a raw namespace gets pages that can be pinned; their frames lie in the host's
    /// memory. Kernel: <c>pmem_should_map_pages</c>.</param>
    /// <param name="expected">What it must hold, so that a foreign medium is refused; null to find out, and then a
    /// medium without info block is raw.</param>
    /// <exception cref="ArgumentNullException"><paramref name="region"/> is null.</exception>
    /// <exception cref="ArgumentException">It is RAM.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="expected"/> is undefined.</exception>
    public PmemNamespace(PhysicalRegion region, bool mapPages = false, NamespaceMode? expected = null)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.Kind != RegionKind.Device || region.Backing == RegionBacking.Protected)
            throw new ArgumentException("A namespace needs a device's range that the process can address.", nameof(region));
        if (expected is < NamespaceMode.Raw or > NamespaceMode.Btt)
            throw new ArgumentOutOfRangeException(nameof(expected), expected, "Undefined NamespaceMode.");
        Region = region;
        MapPages = mapPages;
        Expected = expected;
    }

    /// <summary>Its range.</summary>
    public PhysicalRegion Region { get; }

    /// <summary>Whether a raw namespace gets pages.</summary>
    public bool MapPages { get; }

    /// <summary>What it must hold, or null. Kernel: whether a <c>nd_pfn</c> or <c>nd_btt</c> device is bound.</summary>
    public NamespaceMode? Expected { get; }

    /// <summary>Formats a blank namespace: an info block is written, nothing else.</summary>
    /// <param name="mode"><see cref="NamespaceMode.Pfn"/> or <see cref="NamespaceMode.Btt"/>.</param>
    /// <param name="sectorSize">512 or 4,096; for btt.</param>
    /// <exception cref="ArgumentException">Another mode, or another sector size.</exception>
    /// <exception cref="InvalidOperationException">The namespace holds an info block already.</exception>
    /// <exception cref="InfoBlockException">Something else stands where the info block goes. Nothing was written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is too small.</exception>
    /// <exception cref="RangeBusyException">A driver has claimed the range.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="IOException">The medium failed or is full.</exception>
    /// <remarks>Kernel: <c>nd_pfn_init</c>, <c>btt_meta_init</c>.</remarks>
    public void Format(NamespaceMode mode, int sectorSize = 4096)
    {
        if (mode is not (NamespaceMode.Pfn or NamespaceMode.Btt))
            throw new ArgumentException($"A namespace is formatted as Pfn or Btt, not {mode}.", nameof(mode));
        if (sectorSize is not (512 or 4096))
            throw new ArgumentException($"A sector has 512 or 4096 bytes, not {sectorSize}.", nameof(sectorSize));
        if (!Region.TryClaim())
            throw new RangeBusyException($"'{Region.Name}' is claimed by a driver.");
        try
        {
            Region.Map();
            try
            {
                var medium = new PmemMedium(Region);
                if (InfoBlock.Read(medium, foreignIsRaw: false) is { } found)
                    throw new InvalidOperationException($"'{Region.Name}' is formatted as {found.Mode} already.");
                long data = mode == NamespaceMode.Pfn ? (long)((Altmap.Reserve + Altmap.Free) << Pfn.PageShift) : InfoBlock.Offset + InfoBlock.Size;
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(data, medium.Length, nameof(mode));
                new InfoBlock(mode, data, medium.Length, sectorSize).Write(medium);
            }
            finally
            {
                Region.Unmap();
            }
        }
        finally
        {
            Region.Unclaim();
        }
    }

    /// <summary>How the front of a pfn namespace is given to its frames: 2 pages stay for the info block.</summary>
    internal VmemAltmap Altmap
    {
        get
        {
            ulong frames = (Region.Range.Length + PagesPerFramePage - 1) / PagesPerFramePage;
            ulong front = (2 + 510 + frames + 511) & ~511UL; // Data begins at a multiple of 2 MiB, for large page table entries.
            return new VmemAltmap(Region.Range.Start, 2, front - 2);
        }
    }
}
