using Percpu.Memory;

namespace Percpu.Pagemap;

// Making pages present. Under the map lock, for reading; faults of one address may race.
public sealed unsafe partial class AddressSpace
{
    private Page _zero; // Under the zero lock until it is set; held once by this address space.

    /// <summary>Makes the page of an address such that the access can look again.</summary>
    /// <returns>False with the reason why it never will.</returns>
    private bool TryFault(Area area, ulong address, bool write, out AccessFault fault)
    {
        fault = AccessFault.NotPresent;
        PageTableEntry entry = _pages.Read(address);
        if (entry.IsClaimed)
        {
            WaitForClaimant(address);
            return true;
        }
        if (entry.IsDevicePrivate)
            return TryFaultDevice(area, address, entry, write, out fault);
        if (entry.IsPresent && entry.IsProtNone && (area.Access & AreaAccess.Read) != 0)
        {
            ClearHint(address);
            Atomic.FetchAdd(Minor, 1);
            return true;
        }
        return area.Kind switch
        {
            AreaKind.Anonymous => FaultAnonymous(area, address, entry, write),
            AreaKind.Dax => TryFaultDax(area, address, write),
            _ => TryFaultMixed(entry),
        };
    }

    // Always possible, or an exception.
    private bool FaultAnonymous(Area area, ulong address, PageTableEntry entry, bool write)
    {
        long bits = AccessBits(area);
        if (entry.IsPresent && !entry.IsSpecial)
        {
            if (write && (area.Access & AreaAccess.Write) != 0)
                TryReplace(address, entry, new PageTableEntry(entry.Value | PageTableEntry.WritableBit));
            return true;
        }
        if (!write)
        {
            // The page of zeros: special, never writable, and not counted by its entries.
            if (entry.IsNone && TryReplace(address, entry, PageTableEntry.Create(ZeroPfn(), bits | PageTableEntry.SpecialBit)))
                Atomic.FetchAdd(Minor, 1);
            return true;
        }
        Page page = Space.AllocatePage();
        bits |= (area.Access & AreaAccess.Write) != 0 ? PageTableEntry.WritableBit : 0;
        if (TryReplace(address, entry, PageTableEntry.Create(Space.PageToPfn(page), bits), page))
            Atomic.FetchAdd(Minor, 1);
        return true;
    }

    private bool TryFaultDax(Area area, ulong address, bool write)
    {
        PmemDisk disk = area.Disk!;
        long offset = area.DiskOffset + (long)(address - area.Start);
        // Holds the disk's memory until the entry is there: who unbinds the device waits for us, then clears the entry.
        if (!disk.TryDirectAccess(offset, out DirectMapping mapping))
            return false;
        using DirectMapping held = mapping;
        long bits = AccessBits(area) | (write ? PageTableEntry.WritableBit : 0)
            | ((held.Flags & (PfnFlags.Device | PfnFlags.Mapped)) == (PfnFlags.Device | PfnFlags.Mapped) ? PageTableEntry.DevmapBit : PageTableEntry.SpecialBit);
        ulong large = address & ~(PageTable.LargeSize - 1);
        long back = (long)(address - large);
        bool fits = large >= area.Start && area.End - large >= PageTable.LargeSize && ((disk.PhysicalOffset(offset) - back) & (long)(PageTable.LargeSize - 1)) == 0;
        if (write)
            disk.PrepareHeld(fits ? offset - back : offset, (long)(fits ? PageTable.LargeSize : PageTable.PageSize));
        if (fits && Install(_pages.EnsureLarge(address), PageTableEntry.Create(new Pfn(held.Pfn.Value - (ulong)(back >> Pfn.PageShift)), bits | PageTableEntry.LargeBit).Value))
            return true;
        long* slot = _pages.Ensure(address);
        if (slot != null)
            Install(slot, PageTableEntry.Create(held.Pfn, bits).Value);
        return true;
    }

    // Puts an entry where none is, or adds the right to write. False where a table is in the way.
    private bool Install(long* slot, long entry)
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
                Atomic.FetchAdd(Minor, 1);
                return true;
            }
        }
    }

    // Whatever its area allows an entry has allowed since the driver put it in.
    private bool TryFaultMixed(PageTableEntry entry)
    {
        if (!entry.IsPresent)
            return false;
        if (!entry.IsDevmap)
            return true;
        using EpochReader reader = Table.Epoch.Enter();
        return Table.Peek(entry.Pfn) is { } map && !map.Reference.IsDying;
    }

    private bool TryFaultDevice(Area area, ulong address, PageTableEntry entry, bool write, out AccessFault fault)
    {
        fault = AccessFault.DeviceFailed;
        DevPagemap? map;
        using (Table.Epoch.Enter())
        {
            map = Table.Peek(entry.Pfn);
            if (map is not null && !map.Reference.TryGet()) // Also while dying: that is when pages come home.
                map = null;
        }
        if (map is null)
            return _pages.Read(address) != entry;
        long gate = Atomic.LoadAcquire(Gate);
        FaultResult result;
        try
        {
            if (map.Driver is not IDevicePrivateMemory memory)
                return false;
            result = memory.Fault(area, address, Space.PfnToPage(entry.Pfn), write);
        }
        finally
        {
            map.Reference.Put();
        }
        switch (result)
        {
            case FaultResult.Minor:
                Atomic.FetchAdd(Minor, 1);
                break;
            case FaultResult.Major:
                Atomic.FetchAdd(Major, 1);
                break;
            case FaultResult.OutOfMemory:
                throw new InsufficientMemoryException($"No page of RAM for address 0x{address:x}.");
            default:
                return false;
        }
        // The driver must have moved this page. Unchanged and nothing published since: it has not.
        return _pages.Read(address) != entry || Atomic.LoadAcquire(Gate) != gate;
    }

    private void ClearHint(ulong address)
    {
        long* slot = _pages.Find(address, out _);
        if (slot == null)
            return;
        long found = Atomic.LoadAcquire(slot);
        if ((found & PageTableEntry.PresentBit) != 0)
            Atomic.CompareExchange(slot, found & ~PageTableEntry.ProtNoneBit, found);
    }

    private Pfn ZeroPfn()
    {
        WordLock.Enter(ZeroLock);
        try
        {
            if (_zero.IsNull)
                _zero = Space.AllocatePage();
            return Space.PageToPfn(_zero);
        }
        finally
        {
            WordLock.Exit(ZeroLock);
        }
    }

    // An entry of an area without access is there for Force only: walks without a lock leave it alone.
    private static long AccessBits(Area area) =>
        PageTableEntry.PresentBit | ((area.Access & AreaAccess.Read) != 0 ? 0 : PageTableEntry.ProtNoneBit);
}
