using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>An access that the entry of its page does not allow, or not yet. Under the map lock, for reading; faults of one address may race.</summary>
/// <remarks>Kernel: <c>struct vm_fault</c>.</remarks>
internal readonly unsafe struct PageFault
{
    private PageFault(Area area, ulong address, bool isWrite, PageTableEntry entry)
    {
        Area = area;
        Address = address;
        IsWrite = isWrite;
        Entry = entry;
    }

    internal Area Area { get; }

    internal AddressSpace Space => Area.Space;

    /// <summary>A multiple of the page size.</summary>
    internal ulong Address { get; }

    internal bool IsWrite { get; }

    /// <summary>What the page table said; it may have changed since.</summary>
    internal PageTableEntry Entry { get; }

    /// <summary>Makes the page of an address such that the access can look again.</summary>
    /// <returns>False with the reason why it never will.</returns>
    /// <remarks>Kernel: <c>handle_mm_fault</c>.</remarks>
    internal static bool TryHandle(Area area, ulong address, bool write, out AccessFault reason)
    {
        AddressSpace space = area.Space;
        reason = AccessFault.NotPresent;
        PageTableEntry entry = space.Pages.Read(address);
        if (entry.IsClaimed)
        {
            space.WaitForClaimant(address);
            return true;
        }
        var fault = new PageFault(area, address, write, entry);
        if (entry.IsDevicePrivate)
            return fault.TryBringBack(out reason);
        if (entry.IsPresent && entry.IsProtNone && (area.Access & AreaAccess.Read) != 0)
        {
            fault.ClearHint();
            space.CountMinorFault();
            return true;
        }
        return area.Backing.TryFault(fault);
    }

    // From a device's memory that the process cannot address.
    private bool TryBringBack(out AccessFault reason)
    {
        reason = AccessFault.DeviceFailed;
        DevPagemap? map = TryHoldMap();
        if (map is null)
            return Space.Pages.Read(Address) != Entry;
        long published = Space.PublishedEntries;
        FaultResult result;
        try
        {
            if (map.Driver is not IDevicePrivateMemory memory)
                return false;
            result = memory.Fault(Area, Address, Space.Space.PfnToPage(Entry.Pfn), IsWrite);
        }
        finally
        {
            map.Reference.Put();
        }
        switch (result)
        {
            case FaultResult.Minor:
                Space.CountMinorFault();
                break;
            case FaultResult.Major:
                Space.CountMajorFault();
                break;
            case FaultResult.OutOfMemory:
                throw new InsufficientMemoryException($"No page of RAM for address 0x{Address:x}.");
            default:
                return false;
        }
        // The driver must have moved this page. Unchanged and nothing published since: it has not.
        return Space.Pages.Read(Address) != Entry || Space.PublishedEntries != published;
    }

    // Also while it is dying: that is when pages come home.
    private DevPagemap? TryHoldMap()
    {
        using EpochReader reader = Space.Table.Epoch.Enter();
        return Space.Table.Peek(Entry.Pfn) is { } map && map.Reference.TryGet() ? map : null;
    }

    private void ClearHint()
    {
        long* slot = Space.Pages.Find(Address, out _);
        if (slot == null)
            return;
        long found = Atomic.LoadAcquire(slot);
        if ((found & PageTableEntry.PresentBit) != 0)
            Atomic.CompareExchange(slot, found & ~PageTableEntry.ProtNoneBit, found);
    }
}
