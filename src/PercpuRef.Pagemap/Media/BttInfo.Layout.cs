namespace Percpu.Pagemap;

// How an arena is laid out, and what the numbers of its map mean.
internal sealed partial record BttInfo
{
    /// <summary>States of an entry of the map, in its top bits. 0 is a sector that was never written, with the block of its own
    /// number.</summary>
    internal const uint Written = 0xC000_0000, Zeroed = 0x8000_0000, Failed = 0x4000_0000, StateMask = 0xC000_0000;

    /// <summary>The bits of an entry of map or log that are the block's number.</summary>
    internal const uint NumberMask = 0x3FFF_FFFF;

    /// <summary>The sector sizes that a kernel knows: data, and metadata behind them.</summary>
    internal static ReadOnlySpan<int> KnownSectorSizes => [512, 520, 528, 4096, 4104, 4160, 4224];

    /// <summary>The block that an entry of the map leads to.</summary>
    internal static uint BlockOf(uint entry, uint sector) => (entry & StateMask) == 0 ? sector : entry & NumberMask;

    internal long MapEntryAt(uint sector) => Map + (long)sector * sizeof(uint);

    internal long DataAt(uint block) => Data + (long)block * InternalSize;

    internal long LogAt(uint lane) => Log + (long)lane * LogEntrySize;

    /// <summary>The size of the arena that begins where so many bytes are left; 0 if no arena fits.</summary>
    internal static long ArenaSize(long left) => left < SmallestArena ? 0 : Math.Min(left, LargestArena) & -BlockSize;

    /// <summary>Whether sectors of a size can be kept where so many bytes are left.</summary>
    internal static bool Fits(long left, uint sectorSize, int rounding) =>
        sectorSize is >= SmallestSector and <= (uint)SmallestArena && ArenaSize(left) > (Lanes + 1) * (Up(sectorSize, rounding) + sizeof(uint)) + 8 * BlockSize;

    /// <summary>Lays out an arena.</summary>
    /// <param name="size">A multiple of 4,096, 16 MiB to 512 GiB.</param>
    /// <param name="sectorSize">512 or more.</param>
    /// <param name="rounding">What the size on the medium is a multiple of: 64, or libpmemblk's 256.</param>
    /// <param name="uuid">Of the btt: the same for all arenas.</param>
    /// <param name="parent">The namespace's; zeros if it has no label.</param>
    internal static BttInfo Create(long size, int sectorSize, int rounding, Guid uuid, Guid parent)
    {
        long internalSize = Up(sectorSize, rounding), log = Up(Lanes * LogEntrySize, BlockSize);
        // One block more than the two info blocks is kept back, for the rounding of the map.
        long blocks = (size - 3 * BlockSize - log) / (internalSize + sizeof(uint));
        long sectors = blocks - Lanes, copy = size - BlockSize;
        return new BttInfo
        {
            Uuid = uuid, Parent = parent, SectorSize = (uint)sectorSize, InternalSize = (uint)internalSize,
            Sectors = (uint)sectors, Blocks = (uint)blocks,
            Copy = copy, Log = copy - log, Map = copy - log - Up(sectors * sizeof(uint), BlockSize),
        };
    }

    private static long Up(long value, long multiple) => (value + multiple - 1) / multiple * multiple;
}
