using System.Numerics;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>
/// One arena of a btt. Every sector has a block, and every lane has a free one. A write fills its lane's free block, notes the
/// exchange in the lane's log, and then gives the block to the sector; the block that the sector had becomes the lane's free one.
/// </summary>
/// <remarks>
/// <para>Each step is on the medium before the next begins. Whatever stops a write, the log's newer entry and the map tell at
/// the next opening whether the sector has its old block or its new one, and either is whole.</para>
/// <para>A reader announces the block it reads, so that a lane whose free block it is waits. Kernel: <c>struct
/// arena_info</c>, <c>drivers/nvdimm/btt.c</c>; the announcements are its <c>rtt</c>.</para>
/// </remarks>
internal sealed unsafe partial class BttArena
{
    // Words of a lane, of which each has a cache line; the others are its owner's.
    private const int WordsPerLine = 8, LockAt = 0, FreeAt = 1, SlotAt = 2, SequenceAt = 3;
    private const int MapLocks = 64, MaxReaders = 256; // MaxReaders: a power of two.

    private readonly IByteMedium _medium;
    private readonly long _start;
    private readonly BttInfo _info;
    private readonly bool _isPool;
    private readonly int _spacing;
    private readonly int _readers; // A power of two.
    private readonly BttLane[]? _unfinished; // Interrupted writes of a medium that cannot be written.
    private readonly ulong[]? _doubtful; // Blocks that two have, a bit each.
    private readonly string? _readOnly;
    private readonly long[] _words;

    /// <param name="medium">The namespace.</param>
    /// <param name="start">Where the arena begins.</param>
    /// <param name="info">Its info block, which was checked.</param>
    /// <param name="check">What was found of log and map.</param>
    /// <param name="isPool">Whether it is libpmemblk's, which reads sectors never written as zeros without looking.</param>
    /// <param name="readOnly">Why it must not be written, or null.</param>
    internal BttArena(IByteMedium medium, long start, BttInfo info, BttCheck check, bool isPool, string? readOnly)
    {
        _medium = medium;
        _start = start;
        _info = info;
        _isPool = isPool;
        _spacing = check.Spacing;
        _doubtful = check.Shared;
        _readOnly = readOnly;
        _readers = Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)(4 * Processors.Count)), MaxReaders);
        _words = NativeBlocks.AllocatePinnedWords(((int)info.Free + MapLocks + _readers + 1) * WordsPerLine);
        if (readOnly is null)
            OpenLanes(check.Lanes);
        else if (Array.Exists(check.Lanes, each => each.IsInterrupted))
            _unfinished = Array.FindAll(check.Lanes, each => each.IsInterrupted);
    }

    internal uint Sectors => _info.Sectors;

    private long* Broken => Pinned.Address(_words, 0); // Whether a write failed half-way.

    private long* Lane(uint lane) => Pinned.Address(_words, (1 + (int)lane) * WordsPerLine);

    private long* MapLock(uint sector) => Pinned.Address(_words, (1 + (int)_info.Free + (int)(sector % MapLocks)) * WordsPerLine);

    private long* Reader(int slot) => Pinned.Address(_words, (1 + (int)_info.Free + MapLocks + slot) * WordsPerLine);

    /// <summary>Reads one sector.</summary>
    /// <exception cref="IOException">The sector is marked as in error, or is in doubt.</exception>
    internal void Read(uint sector, Span<byte> destination)
    {
        uint entry = LoadMap(sector);
        long* slot = null;
        try
        {
            while (true)
            {
                if (ReadsAsZeros(entry))
                {
                    destination.Clear();
                    return;
                }
                uint block = ReadableBlock(entry, sector);
                // ORDER(btt-2) interlocked, before the second look. Pairs with ORDER(btt-1): a lane that was given the block
                // before our announcement changed the map before; one that is given it later sees the announcement.
                if (slot == null)
                    slot = ClaimReader(block);
                else
                    Atomic.Exchange(slot, block + 1L);
                uint again = LoadMap(sector);
                if (again == entry)
                {
                    // ORDER(btt-4) what is in the block was there before the map led to it: LoadMap acquires. Pairs with ORDER(btt-3).
                    _medium.Read(_start + _info.DataAt(block), destination);
                    return;
                }
                entry = again;
            }
        }
        finally
        {
            // ORDER(btt-5) release, after the last read of the block. Pairs with ORDER(btt-6).
            if (slot != null)
                Atomic.StoreRelease(slot, 0);
        }
    }

    private bool ReadsAsZeros(uint entry) => (entry & BttInfo.StateMask) == BttInfo.Zeroed || (entry == 0 && _isPool);

    private uint ReadableBlock(uint entry, uint sector)
    {
        uint block = BttInfo.BlockOf(entry, sector);
        if ((entry & BttInfo.StateMask) == BttInfo.Failed)
            throw new IOException($"Sector {sector} is marked as in error. Writing it heals it.");
        if (block >= _info.Blocks || ((entry & BttInfo.StateMask) == 0 && entry != 0))
            throw new IOException($"Sector {sector} is lost: its entry in the map is 0x{entry:x8}, of {_info.Blocks} blocks.");
        if (_doubtful is not null && (_doubtful[block >> 6] & 1UL << (int)block) != 0)
            throw new IOException($"Sector {sector} is in doubt: somebody else has its block {block} as well.");
        return block;
    }

    private uint LoadMap(uint sector)
    {
        if (_unfinished is not null)
        {
            foreach (BttLane lane in _unfinished)
            {
                if (lane.Sector == sector)
                    return lane.New | BttInfo.Written;
            }
        }
        return _medium.LoadEntry(_start + _info.MapEntryAt(sector));
    }

    /// <summary>Finds an announcement that nobody uses, and makes it ours with the block in it. There are four a
    /// processor as far as that is known, up to 256; a reader that finds none waits for those that were stopped in the middle of a read.</summary>
    private long* ClaimReader(uint block)
    {
        int first = Processors.Current;
        long* found = FindReader(block, first);
        if (found != null)
            return found;
        Waiter waiter = Waiter.Uninterruptible;
        while ((found = FindReader(block, first)) == null)
            waiter.Pause();
        waiter.End();
        return found;
    }

    private long* FindReader(uint block, int first)
    {
        for (int i = 0; i < _readers; i++)
        {
            long* slot = Reader(first + i & _readers - 1);
            if (Atomic.LoadAcquire(slot) == 0 && Atomic.CompareExchange(slot, block + 1L, 0) == 0)
                return slot;
        }
        return null;
    }
}
