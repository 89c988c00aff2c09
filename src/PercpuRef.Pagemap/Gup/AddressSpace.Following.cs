using Percpu.Memory;

namespace Percpu.Pagemap;

// One page at a time, under the map lock for reading.
public sealed unsafe partial class AddressSpace
{
    private enum Followed
    {
        /// <summary>Here is the page; or none is asked for.</summary>
        Found,

        /// <summary>Make it present, then look again.</summary>
        Absent,

        /// <summary>Never.</summary>
        Refused,
    }

    /// <summary>Looks a page up as often as faults change something.</summary>
    private bool TryFollow(ulong address, GupFlags flags, out Page page, out AccessFault fault)
    {
        page = default;
        Area? area = FindArea(address);
        if (area is null)
        {
            fault = AccessFault.OutOfRange;
            return false;
        }
        if (!MayAccess(area, flags, out fault))
            return false;
        while (true)
        {
            switch (Follow(area, address, flags, out page, out fault))
            {
                case Followed.Found:
                    return true;
                case Followed.Refused:
                    return false;
                default:
                    if (!TryFault(area, address, (flags & GupFlags.Write) != 0, out fault))
                        return false;
                    break;
            }
        }
    }

    /// <remarks>Kernel: <c>check_vma_flags</c>.</remarks>
    private static bool MayAccess(Area area, GupFlags flags, out AccessFault fault)
    {
        if ((flags & GupFlags.LongTerm) != 0 && area.Kind == AreaKind.Dax)
            throw new NotSupportedException("Pages of a disk's files cannot be pinned for ever: the file could not be cut or moved.");
        bool force = (flags & GupFlags.Force) != 0;
        bool mayWrite = (area.Access & AreaAccess.Write) != 0 || (force && area.Kind == AreaKind.Anonymous);
        bool mayRead = (area.Access & AreaAccess.Read) != 0 || force;
        bool write = (flags & GupFlags.Write) != 0;
        fault = write && (area.Access & AreaAccess.Read) != 0 ? AccessFault.ReadOnly : AccessFault.NoAccess;
        return write ? mayWrite : mayRead;
    }

    /// <summary>Looks at the entry and takes what the flags ask for, inside one read section.</summary>
    /// <remarks>Kernel: <c>follow_page_mask</c>, <c>follow_page_pte</c>, <c>follow_devmap_pmd</c>.</remarks>
    private Followed Follow(Area area, ulong address, GupFlags flags, out Page page, out AccessFault fault)
    {
        page = default;
        fault = AccessFault.Special;
        using EpochReader reader = Table.Epoch.Enter();
        long* slot = _pages.Find(address, out bool large);
        if (slot == null)
            return Followed.Absent;
        var entry = new PageTableEntry(Atomic.LoadAcquire(slot)); // ORDER(pte-2)
        bool force = (flags & GupFlags.Force) != 0;
        if (!entry.IsPresent || (entry.IsProtNone && !force && (area.Access & AreaAccess.Read) != 0))
            return Followed.Absent;
        // Forced writes of a private area that forbids them go to its own page, not to the page of zeros.
        bool mayWrite = entry.IsWritable || ((area.Access & AreaAccess.Write) == 0 && !entry.IsSpecial && !entry.IsDevmap);
        if ((flags & GupFlags.Write) != 0 && !mayWrite)
            return Followed.Absent;
        var pfn = new Pfn(entry.Pfn.Value + (large ? (address >> Pfn.PageShift) & (PageTable.Slots - 1) : 0));
        if (entry.IsDevmap)
            return FollowDevice(slot, pfn, flags, out page);
        if (entry.IsSpecial)
        {
            bool zero = !_zero.IsNull && pfn == Space.PageToPfn(_zero);
            if ((flags & GupFlags.Dump) != 0 || (!zero && (flags & GupFlags.Get) != 0))
                return Followed.Refused;
            if (!zero)
            {
                Touch(slot, default, flags);
                return Followed.Found;
            }
        }
        // The entry holds the page, and its count is not given back before a grace period.
        page = Space.PfnToPage(pfn);
        if ((flags & GupFlags.Get) != 0)
            page.Get();
        Touch(slot, page, flags);
        return Followed.Found;
    }

    private Followed FollowDevice(long* slot, Pfn pfn, GupFlags flags, out Page page)
    {
        page = default;
        if ((flags & GupFlags.Get) == 0)
        {
            // A page of a device is valid only while its map is held: nothing to hand out.
            Touch(slot, default, flags);
            return Followed.Found;
        }
        DevPagemap? map = Table.GetDevPagemap(pfn);
        if (map is null)
            return Followed.Absent;
        page = new Page(Space.Frames.TryFind(pfn.Value));
        if (page.IsNull)
        {
            // The frames lie in a file whose disk is full. The exception that says so must not find the map held.
            PagemapTable.PutDevPagemap(map);
            _ = Space.PfnToPage(pfn);
            return Followed.Absent; // There was room just now.
        }
        if (map.CountsPages)
        {
            // The map, then the page, then the map is let go: the page holds it now.
            page.Get();
            PagemapTable.PutDevPagemap(map);
        }
        Touch(slot, page, flags);
        return Followed.Found;
    }

    /// <summary>Marks entry and page as used, and for a write as written; the page only when the entry did not say so yet.</summary>
    /// <remarks>Kernel: <c>touch_pmd</c>, and what <c>follow_page_pte</c> does for <c>FOLL_TOUCH</c>.</remarks>
    private static void Touch(long* slot, Page page, GupFlags flags)
    {
        if ((flags & GupFlags.Touch) == 0)
            return;
        bool write = (flags & GupFlags.Write) != 0;
        long bits = PageTableEntry.AccessedBit | (write ? PageTableEntry.DirtyBit : 0);
        long found = Atomic.LoadAcquire(slot);
        if ((found & PageTableEntry.PresentBit) != 0 && (found & bits) != bits)
            Atomic.CompareExchange(slot, found | bits, found); // A change meanwhile is worth more than the mark.
        if (!page.IsNull)
            page.SetFlags(PageFlags.Accessed | (write ? PageFlags.Dirty : PageFlags.None));
    }
}
