namespace Percpu.Pagemap;

// Pinning pages.
public sealed partial class AddressSpace
{
    private const GupFlags AllFlags = GupFlags.Get | GupFlags.Write | GupFlags.Touch | GupFlags.Dump | GupFlags.Force | GupFlags.LongTerm;

    /// <summary>Makes the pages of a range present, and pins them if asked.</summary>
    /// <param name="address">An address in the first page.</param>
    /// <param name="pages">As many pages as are wanted; filled from the first. <c>default</c> stands for a page of a device
    /// that was not pinned, and for a frame without a page.</param>
    /// <param name="flags">How.</param>
    /// <returns>How many were found, from the first: at least 1 unless <paramref name="pages"/> is empty. What was pinned is
    /// given back with <see cref="PutPages"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Undefined flags.</exception>
    /// <exception cref="AccessFaultException">The first page cannot be had; <see cref="AccessFaultException.Fault"/> says why.</exception>
    /// <exception cref="NotSupportedException"><see cref="GupFlags.LongTerm"/>, and a page of a file system's disk (kernel:
    /// EOPNOTSUPP). Nothing stays pinned.</exception>
    /// <exception cref="OutOfMemoryException">No page of RAM. Nothing stays pinned.</exception>
    /// <exception cref="IOException">The disk under a mapped file is full. Nothing stays pinned.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Waits for whoever maps or unmaps, and for drivers that bring pages back. Kernel: <c>get_user_pages</c>.</remarks>
    public int GetUserPages(ulong address, Span<Page> pages, GupFlags flags = GupFlags.Get | GupFlags.Touch)
    {
        CheckFlags(flags);
        int found = SlowWalk.Follow(this, address & ~(PageTable.PageSize - 1), pages, flags, out AccessFault fault);
        return found != 0 || pages.IsEmpty ? found : throw new AccessFaultException(address, fault);
    }

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
        PinnedPages.Put(pages[..found]);
        throw new AccessFaultException((address & ~(PageTable.PageSize - 1)) + ((ulong)found << Pfn.PageShift), fault);
    }

    /// <summary>Gives pins back. An element that is no page is skipped.</summary>
    /// <param name="pages">Pages that <see cref="GetUserPages"/> or <see cref="GetUserPagesFast"/> pinned, in any order.</param>
    /// <exception cref="InvalidOperationException">One put too many, where it can be seen.</exception>
    /// <remarks>Neighbours of one map go back in one step. The last pin of a dying device runs its release callback; that
    /// of a page runs the driver's free callback. An exception of either reaches the caller when all pages are given back,
    /// several as an <see cref="AggregateException"/>. Not <see cref="Page.Put"/>, for which a pin of a map that does not count
    /// its pages is none. Kernel: <c>put_page</c>, <c>release_pages</c>.</remarks>
    public static void PutPages(ReadOnlySpan<Page> pages) => PinnedPages.Put(pages);

    /// <summary>Pins from the first page on: fast as far as that goes, then slowly.</summary>
    /// <param name="address">An address in the first page.</param>
    /// <param name="pages">Filled.</param>
    /// <param name="flags">How.</param>
    /// <param name="map">The map whose references are the pins, if it is the same for all; else null.</param>
    /// <param name="fault">Why there are fewer than wanted.</param>
    private int Pin(ulong address, Span<Page> pages, GupFlags flags, out DevPagemap? map, out AccessFault fault)
    {
        fault = default;
        if (pages.Length == 1 && OnePageWalk.TryPin(this, address, flags, out Page page, out map))
        {
            pages[0] = page;
            return 1;
        }
        address &= ~(PageTable.PageSize - 1);
        int found = FastWalk.Pin(this, address, pages, flags, out map);
        if (found == pages.Length)
            return found;
        map = null;
        try
        {
            return found + SlowWalk.Follow(this, address + ((ulong)found << Pfn.PageShift), pages[found..], flags, out fault);
        }
        catch
        {
            PinnedPages.Put(pages[..found]);
            throw;
        }
    }

    private static void CheckFlags(GupFlags flags)
    {
        if ((flags & ~AllFlags) != 0)
            throw new ArgumentOutOfRangeException(nameof(flags), flags, "Undefined flags.");
    }
}
