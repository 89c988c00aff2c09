using Percpu.Memory;

namespace Percpu.Pagemap;

// What drivers and NUMA balancing do to entries.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Puts a frame into an area of <see cref="AreaKind.Mixed"/>.</summary>
    /// <param name="area">The area.</param>
    /// <param name="address">Inside it, a multiple of the page size.</param>
    /// <param name="pfn">The frame.</param>
    /// <param name="flags">Device and mapped: a page of a device's map. Device alone: a frame without a page. None: a page
    /// of RAM, which the entry holds.</param>
    /// <exception cref="ArgumentNullException"><paramref name="area"/> is null.</exception>
    /// <exception cref="ArgumentException">The area is not of that kind, or not mapped here; RAM without a page, or a device's page
    /// as RAM; or a frame that its map has reserved.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The address is misaligned or not in the area, the frame number above
    /// <see cref="Pfn.MaxValue"/>, or the flags are none of the three.</exception>
    /// <exception cref="InvalidOperationException">A free page of RAM.</exception>
    /// <exception cref="RangeBusyException">Something is mapped there (kernel: EBUSY).</exception>
    /// <exception cref="OutOfMemoryException">No memory for the tables.</exception>
    /// <remarks>The entry does not keep the device: <see cref="Discard"/> it before the frame means something else.
    /// Kernel: <c>vm_insert_mixed</c>.</remarks>
    public void InsertPfn(Area area, ulong address, Pfn pfn, PfnFlags flags)
    {
        ArgumentNullException.ThrowIfNull(area);
        if (area.Kind != AreaKind.Mixed)
            throw new ArgumentException("Only an area of mixed frames takes frames from a driver.", nameof(area));
        if ((address & (PageTable.PageSize - 1)) != 0 || !area.Contains(address))
            throw new ArgumentOutOfRangeException(nameof(address), address, "The address must be a page's of the area.");
        if (pfn.Value > Pfn.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(pfn), pfn, "A frame number is at most 2^52 - 1.");
        if (flags is not (PfnFlags.None or PfnFlags.Device or (PfnFlags.Device | PfnFlags.Mapped)))
            throw new ArgumentOutOfRangeException(nameof(flags), flags, "A frame is RAM (None), Device, or Device and Mapped.");
        long bits = AccessBits(area) | ((area.Access & AreaAccess.Write) != 0 ? PageTableEntry.WritableBit : 0);
        bits |= (flags & PfnFlags.Device) == 0 ? 0 : (flags & PfnFlags.Mapped) != 0 ? PageTableEntry.DevmapBit : PageTableEntry.SpecialBit;
        if ((flags & (PfnFlags.Device | PfnFlags.Mapped)) == (PfnFlags.Device | PfnFlags.Mapped))
            CheckUsable(pfn);
        EnterRead();
        try
        {
            if (FindArea(address) != area)
                throw new ArgumentException("The area is not mapped in this address space.", nameof(area));
            Page page = default;
            if ((flags & PfnFlags.Device) == 0)
            {
                page = Space.PfnToPage(pfn);
                if (page.IsNull)
                    throw new ArgumentException($"{pfn} has no page.", nameof(pfn));
                if ((page.Flags & PageFlags.Device) != 0)
                    throw new ArgumentException($"{pfn} is a device's, and the flags say RAM.", nameof(pfn));
                page.Get();
            }
            if (TryReplace(address, default, PageTableEntry.Create(pfn, bits), page))
                return;
            throw new RangeBusyException($"Something is mapped at 0x{address:x}.");
        }
        finally
        {
            ExitRead();
        }
    }

    // Frames before a map's first usable one hold the frame array itself or an info block: nobody may pin those.
    private void CheckUsable(Pfn pfn)
    {
        using EpochReader reader = Table.Epoch.Enter();
        if (Table.Peek(pfn) is { } map && pfn.Value < map.FirstPfn.Value)
            throw new ArgumentException($"{pfn} is reserved: the map's pages begin at {map.FirstPfn}.", nameof(pfn));
    }

    /// <summary>Makes the next ordinary access of each mapped page fault, to see who uses it.</summary>
    /// <param name="address">A multiple of the page size.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <returns>How many entries were marked.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Misaligned, or beyond the address space.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Kernel: <c>change_prot_numa</c>.</remarks>
    public long MarkNumaHints(ulong address, ulong length)
    {
        CheckRange(address, length, nameof(address));
        long marked = 0;
        EnterRead();
        try
        {
            ThrowIfDisposed();
            for (ulong at = address; at < address + length;)
            {
                long* slot = _pages.Find(at, out bool large);
                ulong next = slot == null || large ? (at | (PageTable.LargeSize - 1)) + 1 : at + PageTable.PageSize;
                long found = slot == null ? 0 : Atomic.LoadAcquire(slot);
                if ((found & PageTableEntry.PresentBit) != 0 && Atomic.CompareExchange(slot, found | PageTableEntry.ProtNoneBit, found) == found)
                    marked++;
                at = next;
            }
        }
        finally
        {
            ExitRead();
        }
        return marked;
    }
}
