using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Pins one page of a device without a lock: what a batch does, without what runs need. Whatever it cannot do the batch can.</summary>
internal static unsafe class OnePageWalk
{
    /// <summary>Pins a page that is present, if it is a device's and its map does not count pages.</summary>
    /// <param name="space">Where.</param>
    /// <param name="address">An address in the page.</param>
    /// <param name="flags">How.</param>
    /// <param name="page">The page.</param>
    /// <param name="map">The map whose reference is the pin.</param>
    /// <returns>False if nothing was pinned.</returns>
    internal static bool TryPin(AddressSpace space, ulong address, GupFlags flags, out Page page, out DevPagemap? map)
    {
        page = default;
        map = null;
        if (address >> PageTable.AddressBits != 0 || (flags & GupFlags.Touch) != 0)
            return false;
        var filter = EntryFilter.For(flags);
        PercpuThread thread = PercpuThread.Current;
        using EpochReader reader = space.Table.Epoch.Enter(thread); // As in FastWalk.
        if (space.IsDisposed)
            return false;
        long* slot = space.Pages.FindLarge(address);
        long entry = slot == null ? 0 : Atomic.LoadAcquire(slot); // ORDER(pte-2)
        if (entry == 0)
            return false;
        ulong within = 0;
        if ((entry & PageTableEntry.LargeBit) != 0)
            within = (address >> Pfn.PageShift) & (PageTable.Slots - 1);
        else
            entry = Atomic.LoadAcquire(PageTable.SlotOf((long*)entry, address, 0)); // ORDER(pte-2)
        if (!filter.TakesDevice(entry))
            return false;
        ulong pfn = ((ulong)entry >> Pfn.PageShift) + within;
        PageFrame* frame = space.Space.Frames.TryFind(pfn); // First, as it may not be there for want of room.
        if (frame == null || space.Table.Peek(new Pfn(pfn)) is not { CountsPages: false } found || !found.Reference.TryGetLive(thread))
            return false;
        page = new Page(frame);
        map = found;
        return true;
    }
}
