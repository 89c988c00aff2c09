namespace Percpu.Pagemap;

/// <summary>RAM of the area's own: read, the page of zeros; written, a page for each address.</summary>
/// <remarks>Kernel: <c>do_anonymous_page</c>.</remarks>
internal sealed class AnonymousBacking : AreaBacking
{
    internal override AreaKind Kind => AreaKind.Anonymous;

    internal override bool IsPrivate => true;

    // Always possible, or an exception.
    internal override bool TryFault(in PageFault fault)
    {
        PageTableEntry entry = fault.Entry;
        if (entry.IsPresent && !entry.IsSpecial)
        {
            if (fault.IsWrite && (fault.Area.Access & AreaAccess.Write) != 0)
                fault.Space.TryReplace(fault.Address, entry, new PageTableEntry(entry.Value | PageTableEntry.WritableBit));
        }
        else if (fault.IsWrite)
        {
            MapOwnPage(fault);
        }
        else if (entry.IsNone)
        {
            MapZeros(fault);
        }
        return true;
    }

    private static void MapOwnPage(in PageFault fault)
    {
        Page page = fault.Space.Space.AllocatePage();
        if (fault.Space.TryReplace(fault.Address, fault.Entry, PageTableEntry.Create(fault.Space.Space.PageToPfn(page), fault.Area.AccessBits), page))
            fault.Space.CountMinorFault();
    }

    // Special, never writable, and not counted by its entries.
    private static void MapZeros(in PageFault fault)
    {
        Pfn zeros = fault.Space.Zeros.Ensure();
        if (fault.Space.TryReplace(fault.Address, fault.Entry, PageTableEntry.Create(zeros, fault.Area.ReadBits | PageTableEntry.SpecialBit)))
            fault.Space.CountMinorFault();
    }
}
