using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Finds the runs of pages under one last-level table, or in one large entry. Inside one read section.</summary>
/// <remarks>Kernel: the loops of <c>gup_pte_range</c> and <c>gup_huge_pmd</c>.</remarks>
internal unsafe struct RunScan
{
    private readonly EntryFilter _filter;
    private readonly long _large; // A large entry as it was found; else 0.
    private long* _slot; // Of the large entry, or of the next page.
    private int _within; // The next page in the large entry.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RunScan(EntryFilter filter, long* slot, long large, int within)
    {
        _filter = filter;
        _slot = slot;
        _large = large;
        _within = within;
    }

    /// <summary>Begins at an address; false if no table is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryBegin(PageTable pages, ulong address, GupFlags flags, out RunScan scan)
    {
        scan = default;
        long* slot = pages.FindLarge(address);
        long word = slot == null ? 0 : Atomic.LoadAcquire(slot); // ORDER(pte-2)
        if (word == 0)
            return false;
        var filter = EntryFilter.For(flags);
        scan = (word & PageTableEntry.LargeBit) != 0
            ? new RunScan(filter, slot, word, (int)((address >> Pfn.PageShift) & (PageTable.Slots - 1)))
            : new RunScan(filter, PageTable.SlotOf((long*)word, address, 0), 0, 0);
        return true;
    }

    /// <summary>The run that begins at the next page; false if the walk cannot take that.</summary>
    /// <param name="wanted">Pages at most; at least 1, and none behind the table or entry.</param>
    /// <param name="run">The run.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool TryNext(int wanted, out EntryRun run)
    {
        int count;
        long entry;
        do
        {
            entry = _large != 0 ? _large : Atomic.LoadAcquire(_slot); // ORDER(pte-2)
            if (!_filter.Takes(entry))
            {
                run = default;
                return false;
            }
            count = 1;
            if (_large != 0)
                count = Math.Min(wanted, PageTable.Slots - _within);
            else if ((entry & PageTableEntry.DevmapBit) != 0)
                count = PteScan.RunLength(_slot, wanted, entry, PageTableEntry.AccessedBit | PageTableEntry.DirtyBit);
        }
        while (count == 0); // The first has changed since.
        run = new EntryRun(((ulong)entry >> Pfn.PageShift) + (ulong)_within, count, (entry & PageTableEntry.DevmapBit) != 0);
        return true;
    }

    /// <summary>Goes on behind pages that were taken.</summary>
    /// <param name="taken">The pages: of the run, from its first.</param>
    /// <param name="flags">Whether they are to be marked as used.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Pass(Span<Page> taken, GupFlags flags)
    {
        if ((flags & GupFlags.Touch) != 0)
            Touch(_slot, _large != 0, taken, flags);
        if (_large != 0)
            _within += taken.Length;
        else
            _slot += taken.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Touch(long* slot, bool large, Span<Page> pages, GupFlags flags)
    {
        for (int i = 0; i < pages.Length; i++)
            PageTable.Touch(large ? slot : slot + i, pages[i], flags);
    }
}
