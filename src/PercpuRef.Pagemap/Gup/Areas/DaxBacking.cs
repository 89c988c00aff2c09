using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A part of a disk: its memory itself, in entries of 2 MiB where everything is aligned to it.</summary>
/// <remarks>Kernel: <c>dax_fault</c>, <c>dax_pmd_fault</c>.</remarks>
internal sealed unsafe class DaxBacking(PmemDisk disk, long diskOffset) : AreaBacking
{
    internal override AreaKind Kind => AreaKind.Dax;

    internal override PmemDisk Disk => disk;

    internal override long DiskOffset => diskOffset;

    internal override ulong PhysicalStart => (ulong)disk.PhysicalOffset(diskOffset);

    // The file could not be cut or moved.
    internal override bool MayPinLongTerm => false;

    internal override void Attach(Area area, Action<object> gone) => disk.AddMapping(area, gone);

    internal override void Detach(Area area) => disk.RemoveMapping(area);

    internal override bool TryDirectAccess(Area area, ulong address, out DirectMapping mapping, out AccessFault fault)
    {
        fault = AccessFault.NotPresent;
        return disk.TryDirectAccess(OffsetOf(area, address), out mapping);
    }

    internal override bool TryFault(in PageFault fault)
    {
        Area area = fault.Area;
        ulong address = fault.Address;
        long offset = OffsetOf(area, address);
        // Holds the disk's memory until the entry is there: who unbinds the device waits for us, then clears the entry.
        if (!disk.TryDirectAccess(offset, out DirectMapping mapping))
            return false;
        using DirectMapping held = mapping;
        long bits = BitsOf(area, held.Flags, fault.IsWrite);
        ulong large = address & ~(PageTable.LargeSize - 1);
        long back = (long)(address - large);
        bool fits = large >= area.Start && area.End - large >= PageTable.LargeSize && ((disk.PhysicalOffset(offset) - back) & (long)(PageTable.LargeSize - 1)) == 0;
        if (fault.IsWrite)
            disk.PrepareHeld(fits ? offset - back : offset, (long)(fits ? PageTable.LargeSize : PageTable.PageSize));
        PageTable pages = fault.Space.Pages;
        if (fits && Install(fault, pages.EnsureLarge(address), PageTableEntry.Create(new Pfn(held.Pfn.Value - (ulong)(back >> Pfn.PageShift)), bits | PageTableEntry.LargeBit).Value))
            return true;
        long* slot = pages.Ensure(address);
        if (slot != null)
            Install(fault, slot, PageTableEntry.Create(held.Pfn, bits).Value);
        return true;
    }

    private long OffsetOf(Area area, ulong address) => diskOffset + (long)(address - area.Start);

    // A disk's memory is a device's pages, or has no pages.
    private static long BitsOf(Area area, PfnFlags flags, bool write) =>
        area.ReadBits | (write ? PageTableEntry.WritableBit : 0)
        | ((flags & (PfnFlags.Device | PfnFlags.Mapped)) == (PfnFlags.Device | PfnFlags.Mapped) ? PageTableEntry.DevmapBit : PageTableEntry.SpecialBit);

    // Puts an entry where none is, or adds the right to write. False where a table is in the way.
    private static bool Install(in PageFault fault, long* slot, long entry)
    {
        const long kept = PageTableEntry.AccessedBit | PageTableEntry.DirtyBit | PageTableEntry.WritableBit | PageTableEntry.ProtNoneBit;
        while (true)
        {
            long found = Atomic.LoadAcquire(slot);
            if (found != 0 && (found & ~kept) != (entry & ~kept))
                return false;
            long wanted = found == 0 ? entry : found | (entry & PageTableEntry.WritableBit);
            if (wanted == found)
                return true;
            if (Atomic.CompareExchange(slot, wanted, found) == found) // ORDER(pte-1)
            {
                fault.Space.CountMinorFault();
                return true;
            }
        }
    }
}
