using Percpu.Memory;

namespace Percpu.Pagemap;

// Pinning one page of a device: what a batch does, without what runs need. Whatever it cannot do the batch can.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Pins a page that is present, without a lock, if it is a device's and its map does not count pages.</summary>
    /// <param name="address">An address in the page.</param>
    /// <param name="flags">How.</param>
    /// <param name="page">The page.</param>
    /// <param name="map">The map whose reference is the pin.</param>
    /// <returns>False if nothing was pinned.</returns>
    private bool TryPinOne(ulong address, GupFlags flags, out Page page, out DevPagemap? map)
    {
        page = default;
        map = null;
        if (address >> AddressBits != 0 || (flags & GupFlags.Touch) != 0)
            return false;
        (long judged, long wanted) = FastBits(flags);
        PercpuThread thread = PercpuThread.Current;
        using EpochReader reader = Table.Epoch.Enter(thread); // As in WalkBatch.
        if (Atomic.LoadAcquire(Disposed) != 0)
            return false;
        long* slot = _pages.FindLarge(address);
        long entry = slot == null ? 0 : Atomic.LoadAcquire(slot); // ORDER(pte-2)
        if (entry == 0)
            return false;
        ulong within = 0;
        if ((entry & PageTableEntry.LargeBit) != 0)
            within = (address >> Pfn.PageShift) & (PageTable.Slots - 1);
        else
            entry = Atomic.LoadAcquire(PageTable.SlotOf((long*)entry, address, 0)); // ORDER(pte-2)
        if ((entry & (judged | PageTableEntry.DevmapBit)) != (wanted | PageTableEntry.DevmapBit))
            return false;
        ulong pfn = ((ulong)entry >> Pfn.PageShift) + within;
        PageFrame* frame = Space.Frames.TryFind(pfn); // First, as it may not be there for want of room.
        if (frame == null || Table.Peek(new Pfn(pfn)) is not { CountsPages: false } found || !found.Reference.TryGetLive(thread))
            return false;
        page = new Page(frame);
        map = found;
        return true;
    }
}
