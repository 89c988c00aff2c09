namespace Percpu.Pagemap;

/// <summary>Frames that a driver puts in: of RAM, of a device's map, or without a page.</summary>
/// <remarks>Kernel: <c>VM_MIXEDMAP</c>.</remarks>
internal sealed class MixedBacking : AreaBacking
{
    internal override AreaKind Kind => AreaKind.Mixed;

    // Whatever its area allows an entry has allowed since the driver put it in.
    internal override bool TryFault(in PageFault fault)
    {
        if (!fault.Entry.IsPresent)
            return false;
        if (!fault.Entry.IsDevmap)
            return true;
        PagemapTable table = fault.Space.Table;
        using EpochReader reader = table.Epoch.Enter();
        return table.Peek(fault.Entry.Pfn) is { } map && !map.Reference.IsDying;
    }

    /// <summary>Puts a frame in. What <see cref="AddressSpace.InsertPfn"/> says, when the area is known to take frames.</summary>
    internal static void Insert(AddressSpace space, Area area, ulong address, Pfn pfn, PfnFlags flags)
    {
        if ((address & (PageTable.PageSize - 1)) != 0 || !area.Contains(address))
            throw new ArgumentOutOfRangeException(nameof(address), address, "The address must be a page's of the area.");
        if (pfn.Value > Pfn.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(pfn), pfn, "A frame number is at most 2^52 - 1.");
        if (flags is not (PfnFlags.None or PfnFlags.Device or (PfnFlags.Device | PfnFlags.Mapped)))
            throw new ArgumentOutOfRangeException(nameof(flags), flags, "A frame is RAM (None), Device, or Device and Mapped.");
        long kind = flags switch
        {
            PfnFlags.None => 0,
            PfnFlags.Device => PageTableEntry.SpecialBit,
            _ => PageTableEntry.DevmapBit,
        };
        if (kind == PageTableEntry.DevmapBit)
            CheckUsable(space.Table, pfn);
        space.EnterRead();
        try
        {
            if (space.FindArea(address) != area)
                throw new ArgumentException("The area is not mapped in this address space.", nameof(area));
            Page page = flags == PfnFlags.None ? TakeRam(space.Space, pfn) : default;
            if (!space.TryReplace(address, default, PageTableEntry.Create(pfn, area.AccessBits | kind), page))
                throw new RangeBusyException($"Something is mapped at 0x{address:x}.");
        }
        finally
        {
            space.ExitRead();
        }
    }

    // The count is the entry's.
    private static Page TakeRam(PhysicalSpace space, Pfn pfn)
    {
        Page page = space.PfnToPage(pfn);
        if (page.IsNull)
            throw new ArgumentException($"{pfn} has no page.", nameof(pfn));
        if ((page.Flags & PageFlags.Device) != 0)
            throw new ArgumentException($"{pfn} is a device's, and the flags say RAM.", nameof(pfn));
        page.Get();
        return page;
    }

    // Frames before a map's first usable one hold the frame array itself or an info block: nobody may pin those.
    private static void CheckUsable(PagemapTable table, Pfn pfn)
    {
        using EpochReader reader = table.Epoch.Enter();
        if (table.Peek(pfn) is { } map && pfn.Value < map.FirstPfn.Value)
            throw new ArgumentException($"{pfn} is reserved: the map's pages begin at {map.FirstPfn}.", nameof(pfn));
    }
}
