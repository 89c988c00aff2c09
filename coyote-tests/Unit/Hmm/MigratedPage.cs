using Percpu.Pagemap;

namespace Percpu.Unit.Hmm;

/// <summary>What a <see cref="MigrationWalk"/> knows of one page of its areas.</summary>
internal sealed class MigratedPage(Area area, ulong address)
{
    internal enum Place
    {
        Nowhere,
        Zeros,
        Ram,
        Device,
    }

    internal Area Area { get; } = area;

    internal ulong Address { get; } = address;

    internal Place At { get; set; }

    /// <summary>Of the entry: the bits for used, written and for a hint.</summary>
    internal long Marks { get; set; }

    /// <summary>Of the page in RAM.</summary>
    internal PageFlags PageMarks { get; set; }

    /// <summary>Pins of the page in RAM, or what its driver holds it by in the device.</summary>
    internal List<Page> Held { get; } = [];

    internal byte[] Data { get; } = new byte[4096];

    internal bool IsHinted => (Marks & PageTableEntry.ProtNoneBit) != 0;

    internal bool IsLocked => (PageMarks & PageFlags.Locked) != 0;

    /// <summary>The bits of the entry, without the number of its frame.</summary>
    internal long Bits => Marks | At switch
    {
        Place.Zeros => PageTableEntry.PresentBit | PageTableEntry.SpecialBit,
        Place.Ram => PageTableEntry.PresentBit | PageTableEntry.WritableBit,
        Place.Device => PageTableEntry.DevicePrivateBit | PageTableEntry.WritableBit,
        _ => 0,
    };
}
