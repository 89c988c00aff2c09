namespace Percpu.Pagemap;

/// <summary>A device range, or the part of one that a label names, as the pmem driver sees it.</summary>
/// <remarks>Kernel: <c>struct nd_namespace_common</c>, <c>struct nd_namespace_io</c>, <c>struct nd_namespace_pmem</c>.
/// Thread-safety: every member, from any thread; whatever looks at the medium claims the range meanwhile.</remarks>
public sealed partial class PmemNamespace
{
    /// <summary>Wraps a region without labels: the namespace is all of it.</summary>
    /// <param name="region">A device's, not RAM's.</param>
    /// <param name="mapPages">Whether a raw namespace gets pages that can be pinned; their frames lie in the host's
    /// memory. Kernel: <c>pmem_should_map_pages</c>.</param>
    /// <param name="expected">What it must hold; <see cref="NamespaceMode.Raw"/> for plain bytes whatever stands there; null to
    /// find out, and then only a medium without any known signature is raw.</param>
    /// <exception cref="ArgumentNullException"><paramref name="region"/> is null.</exception>
    /// <exception cref="ArgumentException">It is RAM.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="expected"/> is undefined.</exception>
    public PmemNamespace(PhysicalRegion region, bool mapPages = false, NamespaceMode? expected = null)
        : this(region, mapPages, expected, 0, Check(region).Memory.Length, default, region.Name)
    {
    }

    internal PmemNamespace(PhysicalRegion region, bool mapPages, NamespaceMode? expected, long offset, long length, NamespaceIdentity identity, string name)
    {
        if (expected is < NamespaceMode.Raw or > NamespaceMode.Dax)
            throw new ArgumentOutOfRangeException(nameof(expected), expected, "Undefined NamespaceMode.");
        Region = region;
        MapPages = mapPages;
        Expected = expected;
        Offset = offset;
        Length = length;
        Identity = identity;
        Name = name;
    }

    /// <summary>The range it lies in.</summary>
    public PhysicalRegion Region { get; }

    /// <summary>Where it begins in its region, in bytes: a multiple of 4,096.</summary>
    public long Offset { get; }

    /// <summary>Its bytes, a multiple of 4,096.</summary>
    public long Length { get; }

    /// <summary>Its label's name, which may be empty; the region's name without a label.</summary>
    public string Name { get; }

    /// <summary>Its label's; zeros without a label.</summary>
    public Guid Uuid => Identity.Uuid;

    /// <summary>Whether a raw namespace gets pages.</summary>
    public bool MapPages { get; }

    /// <summary>What it must hold, or null. Kernel: whether a <c>nd_pfn</c> or <c>nd_btt</c> device is bound.</summary>
    public NamespaceMode? Expected { get; }

    /// <summary>Whether a btt whose structure contradicts itself is opened for reading, instead of refused: sectors in doubt
    /// fail, the others read, and nothing can be written. Off unless asked for.</summary>
    public bool AllowDamaged { get; init; }

    internal NamespaceIdentity Identity { get; }

    internal PfnRange Range => new(new Pfn(Region.Range.Start.Value + (ulong)(Offset >> Pfn.PageShift)), (ulong)(Length >> Pfn.PageShift));

    /// <summary>The same namespace, to be opened otherwise.</summary>
    /// <param name="expected">As for the constructor.</param>
    /// <param name="mapPages">As for the constructor.</param>
    /// <param name="allowDamaged">As <see cref="AllowDamaged"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="expected"/> is undefined.</exception>
    public PmemNamespace With(NamespaceMode? expected, bool mapPages = false, bool allowDamaged = false) =>
        new(Region, mapPages, expected, Offset, Length, Identity, Name) { AllowDamaged = allowDamaged };

    /// <summary>Formats a blank namespace.</summary>
    /// <param name="mode">All but <see cref="NamespaceMode.Raw"/>.</param>
    /// <param name="sectorSize">For btt: 512, 520, 528, 4096, 4104, 4160 or 4224; what exceeds 512 or 4,096 is metadata.</param>
    /// <param name="frames">For pfn and dax: where the page frames are kept.</param>
    /// <exception cref="ArgumentException">Another mode, sector size or place of frames; or a label says that it holds something else.</exception>
    /// <exception cref="InvalidOperationException">The namespace holds an info block already.</exception>
    /// <exception cref="InfoBlockException">Something else stands where info blocks go, or one that is damaged, not ours, or of which
    /// only the copy is left. Nothing was written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is too small.</exception>
    /// <exception cref="RangeBusyException">A driver has claimed the range.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="IOException">The medium failed or is full.</exception>
    /// <remarks>Blank means zeros in the first 8,192 bytes, and no copy of a block. A btt's info block is written last; until then
    /// the namespace is as blank as before. Kernel: <c>nd_pfn_init</c>, <c>btt_meta_init</c>.</remarks>
    public void Format(NamespaceMode mode, int sectorSize = 4096, FrameLocation frames = FrameLocation.Medium)
    {
        CheckFormat(mode, sectorSize, frames);
        if (Identity.LabelMinor == 2 && Identity.Claim != mode)
            throw new ArgumentException($"The label says that '{Name}' holds {Identity.Claim?.ToString() ?? "plain bytes"}.", nameof(mode));
        Use(medium =>
        {
            medium.CheckWritable();
            if (Find(medium) is { Mode: not NamespaceMode.Raw } found)
                throw new InvalidOperationException($"'{Name}' is formatted as {found.Mode} already.");
            NamespaceContent.CheckBlank(medium);
            FormatBlank(medium, mode, sectorSize, frames, Identity);
        });
    }

    internal static void CheckFormat(NamespaceMode mode, int sectorSize, FrameLocation frames)
    {
        if (mode is not (NamespaceMode.Pfn or NamespaceMode.Btt or NamespaceMode.Dax))
            throw new ArgumentException($"A namespace is formatted as Pfn, Btt or Dax, not {mode}.", nameof(mode));
        if (!BttInfo.KnownSectorSizes.Contains(sectorSize))
            throw new ArgumentException($"A sector has {string.Join(", ", BttInfo.KnownSectorSizes.ToArray())} bytes, not {sectorSize}.", nameof(sectorSize));
        if (frames is not (FrameLocation.Memory or FrameLocation.Medium))
            throw new ArgumentException($"Page frames are kept in memory or on the medium, not in {frames}.", nameof(frames));
    }

    internal static void FormatBlank(IByteMedium medium, NamespaceMode mode, int sectorSize, FrameLocation frames, in NamespaceIdentity identity)
    {
        if (mode == NamespaceMode.Btt)
        {
            long start = identity.LabelMinor == 2 ? 0 : BttInfo.BlockSize;
            BttFormat.Write(medium, start, BttFormat.Plan(medium, start, sectorSize, 64, Guid.NewGuid(), identity.Uuid), asPool: false);
            return;
        }
        PfnInfo pfn = PfnInfo.Create(mode, medium.Length, frames, identity.Uuid);
        if (pfn.DataOffset >= pfn.End(identity.Start, medium.Length))
            throw new ArgumentOutOfRangeException(nameof(mode), medium.Length, $"The range is too small: data would begin at {pfn.DataOffset}.");
        pfn.Check(identity.Start, medium.Length);
        Span<byte> block = stackalloc byte[InfoSignature.BlockSize];
        pfn.Write(block);
        BttFormat.Put(medium, InfoSignature.BlockSize, block);
    }

    /// <summary>Finds out what is there, by what is known of the namespace and nothing else.</summary>
    internal NamespaceContent Find(IByteMedium medium)
    {
        if (Identity.LabelMinor == 0 && Expected is null && LabelIndex.FindArea(medium) is > 0 and var size)
            throw new InfoBlockException($"'{Name}' has a label area of {size} bytes at its end: its namespaces are opened through {nameof(LabelArea)}.", InfoBlockFault.Labelled);
        return NamespaceContent.Find(medium, Identity);
    }

    /// <summary>Claims the range, maps it, and lets somebody look at it.</summary>
    internal T Use<T>(Func<PmemMedium, T> action)
    {
        if (!Region.TryClaim(Offset, Length))
            throw new RangeBusyException($"'{Name}' is claimed by a driver.");
        try
        {
            Region.Map();
            try
            {
                return action(new PmemMedium(Region, Offset, Length));
            }
            finally
            {
                Region.Unmap();
            }
        }
        finally
        {
            Region.Unclaim(Offset);
        }
    }

    private void Use(Action<PmemMedium> action) => Use<object?>(medium =>
    {
        action(medium);
        return null;
    });

    private static PhysicalRegion Check(PhysicalRegion region)
    {
        ArgumentNullException.ThrowIfNull(region);
        return region.Kind == RegionKind.Device && region.Backing != RegionBacking.Protected ? region
            : throw new ArgumentException("A namespace needs a device's range that the process can address.", nameof(region));
    }
}
