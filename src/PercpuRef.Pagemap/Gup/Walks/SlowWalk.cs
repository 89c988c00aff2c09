using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Looks pages up one at a time and makes them present, under the map lock for reading.</summary>
/// <remarks>Kernel: <c>__get_user_pages</c>.</remarks>
internal readonly unsafe struct SlowWalk(AddressSpace space, GupFlags flags)
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

    private bool IsWrite => (flags & GupFlags.Write) != 0;

    private bool Pins => (flags & GupFlags.Get) != 0;

    private bool Forces => (flags & GupFlags.Force) != 0;

    /// <summary>Looks pages up from the first on. Takes the map lock.</summary>
    /// <param name="space">Where.</param>
    /// <param name="address">A multiple of the page size.</param>
    /// <param name="pages">Filled.</param>
    /// <param name="flags">How.</param>
    /// <param name="fault">Why there are fewer than wanted.</param>
    /// <returns>How many were found.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // A walk without a lock that needs none of this keeps its registers.
    internal static int Follow(AddressSpace space, ulong address, Span<Page> pages, GupFlags flags, out AccessFault fault) =>
        new SlowWalk(space, flags).FollowAll(address, pages, out fault);

    /// <summary>Looks a page up as often as faults change something. The map lock is held.</summary>
    internal bool TryFollow(ulong address, out Page page, out AccessFault fault)
    {
        page = default;
        Area? area = space.FindArea(address);
        if (area is null)
        {
            fault = AccessFault.OutOfRange;
            return false;
        }
        if (!MayAccess(area, out fault))
            return false;
        while (true)
        {
            switch (Follow(area, address, out page, out fault))
            {
                case Followed.Found:
                    return true;
                case Followed.Refused:
                    return false;
                default:
                    if (!PageFault.TryHandle(area, address, IsWrite, out fault))
                        return false;
                    break;
            }
        }
    }

    private int FollowAll(ulong address, Span<Page> pages, out AccessFault fault)
    {
        int found = 0;
        fault = AccessFault.OutOfRange;
        space.EnterRead();
        try
        {
            space.ThrowIfDisposed();
            while (found < pages.Length && TryFollow(address, out pages[found], out fault))
            {
                found++;
                address += PageTable.PageSize;
            }
            return found;
        }
        catch when (found != 0 && Pins)
        {
            PinnedPages.Put(pages[..found]);
            throw;
        }
        finally
        {
            space.ExitRead();
        }
    }

    /// <remarks>Kernel: <c>check_vma_flags</c>.</remarks>
    private bool MayAccess(Area area, out AccessFault fault)
    {
        if ((flags & GupFlags.LongTerm) != 0 && !area.Backing.MayPinLongTerm)
            throw new NotSupportedException("Pages of a disk's files cannot be pinned for ever: the file could not be cut or moved.");
        bool mayWrite = (area.Access & AreaAccess.Write) != 0 || (Forces && area.Backing.IsPrivate);
        bool mayRead = (area.Access & AreaAccess.Read) != 0 || Forces;
        fault = IsWrite && (area.Access & AreaAccess.Read) != 0 ? AccessFault.ReadOnly : AccessFault.NoAccess;
        return IsWrite ? mayWrite : mayRead;
    }

    /// <summary>Looks at the entry and takes what the flags ask for, inside one read section.</summary>
    /// <remarks>Kernel: <c>follow_page_mask</c>, <c>follow_page_pte</c>, <c>follow_devmap_pmd</c>.</remarks>
    private Followed Follow(Area area, ulong address, out Page page, out AccessFault fault)
    {
        page = default;
        fault = AccessFault.Special;
        using EpochReader reader = space.Table.Epoch.Enter();
        long* slot = space.Pages.Find(address, out bool large);
        if (slot == null)
            return Followed.Absent;
        var entry = new PageTableEntry(Atomic.LoadAcquire(slot)); // ORDER(pte-2)
        if (!Allows(area, entry))
            return Followed.Absent;
        var pfn = new Pfn(entry.Pfn.Value + (large ? (address >> Pfn.PageShift) & (PageTable.Slots - 1) : 0));
        if (entry.IsDevmap)
            return FollowDevice(slot, pfn, out page);
        if (entry.IsSpecial)
        {
            bool zero = space.Zeros.Is(pfn);
            if ((flags & GupFlags.Dump) != 0 || (!zero && Pins))
                return Followed.Refused;
            if (!zero)
            {
                PageTable.Touch(slot, default, flags);
                return Followed.Found;
            }
        }
        // The entry holds the page, and its count is not given back before a grace period.
        page = space.Space.PfnToPage(pfn);
        if (Pins)
            page.Get();
        PageTable.Touch(slot, page, flags);
        return Followed.Found;
    }

    // Whether the access needs no fault.
    private bool Allows(Area area, PageTableEntry entry)
    {
        if (!entry.IsPresent || (entry.IsProtNone && !Forces && (area.Access & AreaAccess.Read) != 0))
            return false;
        // Forced writes of a private area that forbids them go to its own page, not to the page of zeros.
        return !IsWrite || entry.IsWritable || ((area.Access & AreaAccess.Write) == 0 && !entry.IsSpecial && !entry.IsDevmap);
    }

    private Followed FollowDevice(long* slot, Pfn pfn, out Page page)
    {
        page = default;
        if (!Pins)
        {
            // A page of a device is valid only while its map is held: nothing to hand out.
            PageTable.Touch(slot, default, flags);
            return Followed.Found;
        }
        DevPagemap? map = space.Table.GetDevPagemap(pfn);
        if (map is null)
            return Followed.Absent;
        page = new Page(space.Space.Frames.TryFind(pfn.Value));
        if (page.IsNull)
        {
            // The frames lie in a file whose disk is full. The exception that says so must not find the map held.
            PagemapTable.PutDevPagemap(map);
            _ = space.Space.PfnToPage(pfn);
            return Followed.Absent; // There was room just now.
        }
        if (map.CountsPages)
        {
            // The map, then the page, then the map is let go: the page holds it now.
            page.Get();
            PagemapTable.PutDevPagemap(map);
        }
        PageTable.Touch(slot, page, flags);
        return Followed.Found;
    }
}
