namespace Percpu.Pagemap;

/// <summary>Which entries a walk without a lock takes; all others are for the slow way.</summary>
/// <param name="Judged">The bits by which an entry is judged.</param>
/// <param name="Wanted">What they must be.</param>
internal readonly record struct EntryFilter(long Judged, long Wanted)
{
    internal static EntryFilter For(GupFlags flags)
    {
        long wanted = PageTableEntry.PresentBit | ((flags & GupFlags.Write) != 0 ? PageTableEntry.WritableBit : 0);
        long refused = PageTableEntry.SpecialBit | ((flags & GupFlags.Force) != 0 ? 0 : PageTableEntry.ProtNoneBit)
            | ((flags & GupFlags.LongTerm) != 0 ? PageTableEntry.DevmapBit : 0);
        return new EntryFilter(wanted | refused, wanted);
    }

    internal bool Takes(long entry) => (entry & Judged) == Wanted;

    /// <summary>Whether it takes an entry, and that is of a device's page.</summary>
    internal bool TakesDevice(long entry) => Takes(entry) && (entry & PageTableEntry.DevmapBit) != 0;
}
