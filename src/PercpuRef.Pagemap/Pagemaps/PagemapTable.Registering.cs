using Percpu.Memory;

namespace Percpu.Pagemap;

// Changing the table. One at a time; readers run beside it.
public sealed unsafe partial class PagemapTable
{
    private readonly Pinned<long> _lock = new();

    /// <summary>Registers a range of frames: from then on lookups find it while its reference is live.</summary>
    /// <param name="range">The frames; start and length are multiples of <see cref="PagesPerSubsection"/>.</param>
    /// <param name="reference">A live reference; the caller kills it and waits for its release before <see cref="Unregister"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reference"/> is null (kernel: EINVAL).</exception>
    /// <exception cref="PfnRangeException">The range is empty, wraps the address space, is not aligned, or has more than
    /// <see cref="MaxPages"/> frames (kernel: EINVAL).</exception>
    /// <exception cref="RangeBusyException">It overlaps or encloses a registered range, or shares a section with one
    /// (kernel: EBUSY).</exception>
    /// <exception cref="InvalidOperationException">Called inside a read section of the table's epoch domain.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the table.</exception>
    /// <remarks>Checks in the order of the list. After an exception nothing is registered. Waits for other changes of the
    /// table; not for readers, except to undo for want of memory. Kernel: the table part of <c>devm_memremap_pages</c>.</remarks>
    public DevPagemap Register(PfnRange range, PercpuRef reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        Check(range);
        return Register(new DevPagemap(this, range, reference));
    }

    /// <summary>Registers a map whose range was checked.</summary>
    internal DevPagemap Register(DevPagemap map)
    {
        _epoch.CheckMayWait(nameof(Register)); // Undoing for want of memory waits for readers.
        PfnRange range = map.Range;
        (ulong first, ulong last) = SectionsOf(range);
        SectionTree.Unlinked unlinked;
        using (WordLock.EnterScope(_lock.Pointer))
        {
            if (_sections.FindAny(first, last) is { } other)
                throw new RangeBusyException(range, other.Range);
            if (_sections.TryInsert(first, last, map, out unlinked))
                return map;
        }
        SectionTree.Free(unlinked, _epoch);
        throw new InsufficientMemoryException($"No memory for the table's nodes: {range} is not registered.");
    }

    /// <summary>Removes a map: when the call returns, no lookup finds it or is still looking at its entry.</summary>
    /// <param name="pagemap">A map of this table, whose reference was killed and released before.</param>
    /// <exception cref="ArgumentNullException"><paramref name="pagemap"/> is null.</exception>
    /// <exception cref="ArgumentException">It is not registered in this table.</exception>
    /// <exception cref="InvalidOperationException">Called inside a read section of the table's epoch domain. Nothing was changed.</exception>
    /// <remarks>Blocks for a grace period. A reference that is still live is reported as a warning event: its holders
    /// still use the frames. Kernel: <c>pgmap_radix_release</c> with the <c>synchronize_rcu</c> behind it.</remarks>
    public void Unregister(DevPagemap pagemap)
    {
        ArgumentNullException.ThrowIfNull(pagemap);
        _epoch.CheckMayWait(nameof(Unregister));
        (ulong first, ulong last) = SectionsOf(pagemap.Range);
        bool live = pagemap.Reference.TryGetLive();
        if (live)
            pagemap.Reference.Put();
        SectionTree.Unlinked unlinked;
        using (WordLock.EnterScope(_lock.Pointer))
        {
            if (!ReferenceEquals(pagemap.Table, this) || !ReferenceEquals(_sections.Find(first), pagemap))
                throw new ArgumentException($"{pagemap.Range} is not registered in this table.", nameof(pagemap));
            unlinked = _sections.Remove(first, last);
        }
        SectionTree.Free(unlinked, _epoch);
        if (live)
            PercpuEventSource.Log.Warning(pagemap, static map => $"Page mapping {map.Range} is still live.");
    }

    private static (ulong First, ulong Last) SectionsOf(PfnRange range) =>
        (range.Start.Value >> SectionShift, (range.Start.Value + range.Length - 1) >> SectionShift);

    internal static void Check(PfnRange range)
    {
        if (range.Length == 0)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Empty);
        if (range.Start.Value > Pfn.MaxValue || range.Length - 1 > Pfn.MaxValue - range.Start.Value)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Wraps);
        if (((range.Start.Value | range.Length) & (PagesPerSubsection - 1)) != 0)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Misaligned);
        if (range.Length > MaxPages)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.TooLong);
    }
}
