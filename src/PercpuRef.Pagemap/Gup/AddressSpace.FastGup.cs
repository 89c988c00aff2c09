using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

// Pinning pages without a lock: a walk inside a read section.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Pins the pages of a range: those that are present without a lock and whole runs of a device's pages in
    /// one step; the others as <see cref="GetUserPages"/> does.</summary>
    /// <param name="address">An address in the first page.</param>
    /// <param name="pages">As many pages as are wanted; filled from the first.</param>
    /// <param name="flags">How; <see cref="GupFlags.Get"/> is understood.</param>
    /// <returns>How many were pinned, from the first: at least 1 unless <paramref name="pages"/> is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Undefined flags.</exception>
    /// <exception cref="AccessFaultException">The first page cannot be had.</exception>
    /// <exception cref="NotSupportedException"><see cref="GupFlags.LongTerm"/>, and a page of a file system's disk.</exception>
    /// <exception cref="OutOfMemoryException">No page of RAM. Nothing stays pinned.</exception>
    /// <exception cref="IOException">The disk under a mapped file is full. Nothing stays pinned.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>A batch is the part of the range under one table, 2 MiB: if a map in the middle of it is going away, the
    /// pins of this batch are undone and the slow way decides. Kernel: <c>get_user_pages_fast</c>,
    /// <c>gup_pte_range</c>, <c>__gup_device_huge_pmd</c>, <c>undo_dev_pagemap</c>.</remarks>
    public int GetUserPagesFast(ulong address, Span<Page> pages, GupFlags flags = GupFlags.Get)
    {
        CheckFlags(flags);
        int found = Pin(address, pages, flags | GupFlags.Get, out _, out AccessFault fault);
        return found != 0 || pages.IsEmpty ? found : throw new AccessFaultException(address, fault);
    }

    /// <summary>Pins all pages of a range or none, to be given back in one step.</summary>
    /// <param name="address">An address in the first page.</param>
    /// <param name="pages">As many pages as are wanted; filled, and not to be changed while they are pinned.</param>
    /// <param name="flags">How; <see cref="GupFlags.Get"/> is understood.</param>
    /// <returns>The pins, to be given back once.</returns>
    /// <exception cref="AccessFaultException">A page cannot be had: its address and the reason. Nothing stays pinned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Undefined flags.</exception>
    /// <exception cref="NotSupportedException"><see cref="GupFlags.LongTerm"/>, and a page of a file system's disk.</exception>
    /// <exception cref="OutOfMemoryException">No page of RAM. Nothing stays pinned.</exception>
    /// <exception cref="IOException">The disk under a mapped file is full. Nothing stays pinned.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Kernel: <c>pin_user_pages_fast</c>, for callers that can do nothing with a part.</remarks>
    public PinnedPages PinUserPages(ulong address, Span<Page> pages, GupFlags flags = GupFlags.Get)
    {
        CheckFlags(flags);
        int found = Pin(address, pages, flags | GupFlags.Get, out DevPagemap? map, out AccessFault fault);
        if (found == pages.Length)
            return new PinnedPages(pages, map);
        PutPages(pages[..found]);
        throw new AccessFaultException((address & ~(PageTable.PageSize - 1)) + ((ulong)found << Pfn.PageShift), fault);
    }

    /// <summary>Pins from the first page on: fast as far as that goes, then slowly.</summary>
    /// <param name="address">An address in the first page.</param>
    /// <param name="pages">Filled.</param>
    /// <param name="flags">How.</param>
    /// <param name="map">The map whose references are the pins, if it is the same for all; else null.</param>
    /// <param name="fault">Why there are fewer than wanted.</param>
    private int Pin(ulong address, Span<Page> pages, GupFlags flags, out DevPagemap? map, out AccessFault fault)
    {
        fault = default;
        if (pages.Length == 1 && TryPinOne(address, flags, out Page page, out map))
        {
            pages[0] = page;
            return 1;
        }
        address &= ~(PageTable.PageSize - 1);
        int found = WalkFast<RunPin>(address, pages, flags, out map);
        if (found == pages.Length)
            return found;
        map = null;
        try
        {
            return found + FollowAll(address + ((ulong)found << Pfn.PageShift), pages[found..], flags, out fault);
        }
        catch
        {
            PutPages(pages[..found]);
            throw;
        }
    }

    /// <summary>Pins what can be pinned without a lock, batch by batch.</summary>
    /// <param name="address">A multiple of the page size.</param>
    /// <param name="pages">Filled.</param>
    /// <param name="flags">How.</param>
    /// <param name="map">The one map of all pages, if it does not count pages; else null.</param>
    internal int WalkFast<TPin>(ulong address, Span<Page> pages, GupFlags flags, out DevPagemap? map)
        where TPin : struct, IRunPin
    {
        map = null;
        int found = 0;
        while (found < pages.Length && address >> AddressBits == 0)
        {
            int count = Math.Min(pages.Length - found, PageTable.Slots - (int)((address >> Pfn.PageShift) & (PageTable.Slots - 1)));
            Span<Page> batch = pages.Slice(found, count);
            int pinned = WalkBatch<TPin>(address, batch, flags, out DevPagemap? one, out bool undo);
            if (undo)
            {
                // Outside the read section: a last pin may run a release callback.
                TPin.Unpin(batch[..pinned]);
                pinned = 0;
            }
            map = found == 0 || ReferenceEquals(map, one) ? one : null;
            found += pinned;
            address += (ulong)pinned << Pfn.PageShift;
            if (pinned != count)
                break;
        }
        return found;
    }

    /// <summary>The part under one last-level table, or one large entry.</summary>
    private int WalkBatch<TPin>(ulong address, Span<Page> pages, GupFlags flags, out DevPagemap? map, out bool undo)
        where TPin : struct, IRunPin
    {
        map = null;
        undo = false;
        (long judged, long wanted) = FastBits(flags);
        // Whatever is unmapped or claimed from here on is dropped, or looked at, when this section has been left.
        using EpochReader reader = Table.Epoch.Enter();
        if (Atomic.LoadAcquire(Disposed) != 0)
            return 0; // The slow way says so, and gives back what batches before this one have pinned.
        long* slot = _pages.FindLarge(address);
        long word = slot == null ? 0 : Atomic.LoadAcquire(slot); // ORDER(pte-2)
        if (word == 0)
            return 0;
        bool large = (word & PageTableEntry.LargeBit) != 0;
        if (!large)
            slot = PageTable.SlotOf((long*)word, address, 0);
        int found = 0;
        bool same = true;
        while (found < pages.Length)
        {
            long entry = large ? word : Atomic.LoadAcquire(slot); // ORDER(pte-2)
            if ((entry & judged) != wanted)
                break;
            ulong pfn = (ulong)entry >> Pfn.PageShift;
            int run = 1;
            if (large)
            {
                ulong within = ((address >> Pfn.PageShift) + (ulong)found) & (PageTable.Slots - 1);
                pfn += within;
                run = Math.Min(pages.Length - found, PageTable.Slots - (int)within);
            }
            else if ((entry & PageTableEntry.DevmapBit) != 0)
            {
                run = PteScan.RunLength(slot, pages.Length - found, entry, PageTableEntry.AccessedBit | PageTableEntry.DirtyBit);
                if (run == 0)
                    continue; // The first has changed since.
            }
            if ((entry & PageTableEntry.DevmapBit) != 0)
            {
                DevPagemap? before = map;
                // First the frames, which may not be there for want of room: what is pinned must be handed out.
                long frame = FramesOf(Space.Frames, pfn, run);
                run = frame == 0 ? 0 : TPin.PinDevice(this, new Pfn(pfn), run, ref map);
                if (run == 0)
                {
                    undo = true;
                    map = null;
                    return found;
                }
                same &= found == 0 || ReferenceEquals(before, map);
                Fill(pages.Slice(found, run), frame);
            }
            else
            {
                Page page = Space.PfnToPage(new Pfn(pfn));
                TPin.PinRam(page);
                pages[found] = page;
                same = false;
            }
            if ((flags & GupFlags.Touch) != 0)
                TouchRun(slot, large, pages.Slice(found, run), flags);
            found += run;
            if (!large)
                slot += run;
        }
        if (!same || map is { CountsPages: true })
            map = null;
        return found;
    }

    // The bits by which an entry is judged, and what they must be: all else is for the slow way.
    private static (long Judged, long Wanted) FastBits(GupFlags flags)
    {
        long wanted = PageTableEntry.PresentBit | ((flags & GupFlags.Write) != 0 ? PageTableEntry.WritableBit : 0);
        long refused = PageTableEntry.SpecialBit | ((flags & GupFlags.Force) != 0 ? 0 : PageTableEntry.ProtNoneBit)
            | ((flags & GupFlags.LongTerm) != 0 ? PageTableEntry.DevmapBit : 0);
        return (wanted | refused, wanted);
    }

    // The first frame of a run, all of it initialised: a run lies in at most two sections. 0 if some are not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long FramesOf(FrameMap frames, ulong pfn, int count)
    {
        var frame = (long)frames.TryFind(pfn);
        ulong last = pfn + (ulong)count - 1;
        return ((pfn ^ last) >> FrameMap.SectionShift) == 0 || frames.TryFind(last) != null ? frame : 0;
    }

    // The frames of neighbouring pages are neighbours.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(Span<Page> pages, long frame)
    {
        Span<long> words = MemoryMarshal.Cast<Page, long>(pages);
        for (int i = 0; i < words.Length; i++)
            words[i] = frame + ((long)i << PageFrame.FrameShift);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TouchRun(long* slot, bool large, Span<Page> pages, GupFlags flags)
    {
        for (int i = 0; i < pages.Length; i++)
            Touch(large ? slot : slot + i, pages[i], flags);
    }
}
