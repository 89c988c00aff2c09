using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Pins pages without a lock, as far as they are present: batch by batch, each inside a read section.</summary>
/// <remarks>A batch is what lies under one last-level table, or in one large entry. If a map in the middle of it is going away, the
/// pins of this batch are undone, and the slow way decides. Kernel: <c>gup_pgd_range</c>, <c>gup_pte_range</c>,
/// <c>__gup_device_huge_pmd</c>, <c>undo_dev_pagemap</c>.</remarks>
internal static class FastWalk
{
    /// <summary>Pins pages from the first on.</summary>
    /// <param name="space">Where.</param>
    /// <param name="address">A multiple of the page size.</param>
    /// <param name="pages">Filled.</param>
    /// <param name="flags">How.</param>
    /// <param name="map">The one map of all pages, if it does not count pages; else null.</param>
    /// <returns>How many were pinned.</returns>
    internal static int Pin(AddressSpace space, ulong address, Span<Page> pages, GupFlags flags, out DevPagemap? map)
    {
        map = null;
        int found = 0;
        while (found < pages.Length && address >> PageTable.AddressBits == 0)
        {
            Span<Page> batch = pages.Slice(found, BatchOf(address, pages.Length - found));
            int pinned = PinBatch(space, address, batch, flags, out DevPagemap? one, out bool undo);
            if (undo)
            {
                // Outside the read section: a last pin may run a release callback. What it throws reaches the caller, who learns of no pin then.
                PutAll(batch[..pinned], pages[..found]);
                pinned = 0;
            }
            map = found == 0 || ReferenceEquals(map, one) ? one : null;
            found += pinned;
            address += (ulong)pinned << Pfn.PageShift;
            if (pinned != batch.Length)
                break;
        }
        return found;
    }

    /// <summary>Gives a batch back, and if that throws, the batches before it as well.</summary>
    internal static void PutAll(ReadOnlySpan<Page> batch, ReadOnlySpan<Page> before)
    {
        try
        {
            PinnedPages.Put(batch);
        }
        catch
        {
            PinnedPages.Put(before);
            throw;
        }
    }

    /// <summary>How many of the pages that are wanted lie under the same last-level table.</summary>
    internal static int BatchOf(ulong address, int wanted) =>
        Math.Min(wanted, PageTable.Slots - (int)((address >> Pfn.PageShift) & (PageTable.Slots - 1)));

    private static int PinBatch(AddressSpace space, ulong address, Span<Page> pages, GupFlags flags, out DevPagemap? map, out bool undo)
    {
        map = null;
        undo = false;
        // Whatever is unmapped or claimed from here on is dropped, or looked at, when this section has been left.
        using EpochReader reader = space.Table.Epoch.Enter();
        if (space.IsDisposed)
            return 0; // The slow way says so, and gives back what batches before this one have pinned.
        if (!RunScan.TryBegin(space.Pages, address, flags, out RunScan scan))
            return 0;
        int found = 0;
        bool same = true;
        while (found < pages.Length && scan.TryNext(pages.Length - found, out EntryRun run))
        {
            int count = 1;
            if (run.IsDevice)
            {
                DevPagemap? before = map;
                count = RunPin.Pin(space, run, pages.Slice(found, run.Count), ref map);
                if (count == 0)
                {
                    undo = true;
                    map = null;
                    return found;
                }
                same &= found == 0 || ReferenceEquals(before, map);
            }
            else
            {
                pages[found] = PinRam(space.Space, run.First);
                same = false;
            }
            scan.Pass(pages.Slice(found, count), flags);
            found += count;
        }
        if (!same || map is { CountsPages: true })
            map = null;
        return found;
    }

    // Its entry holds it, and gives that count back only after a grace period.
    private static Page PinRam(PhysicalSpace space, ulong pfn)
    {
        Page page = space.PfnToPage(new Pfn(pfn));
        page.Get();
        return page;
    }
}
