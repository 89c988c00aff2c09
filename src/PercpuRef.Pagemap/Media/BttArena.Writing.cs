using Percpu.Memory;

namespace Percpu.Pagemap;

// Writing, and finishing what was interrupted.
internal sealed unsafe partial class BttArena
{
    // Lanes that a writer tries before it waits for one.
    private const int LanesTried = 4;

    /// <summary>Writes one sector: afterwards, and after power is lost at any point, it is wholly old or wholly new.</summary>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only. Nothing was written.</exception>
    /// <exception cref="DiskFullException">The disk under the medium is full. The sector is as it was.</exception>
    /// <exception cref="IOException">The arena must not be written; or the medium failed: the sector is old or new, which of both
    /// the next opening decides if the failure came after the log's entry.</exception>
    internal void Write(uint sector, ReadOnlySpan<byte> source)
    {
        CheckWritable();
        uint index = EnterLane();
        long* lane = Lane(index);
        try
        {
            uint free = (uint)Atomic.LoadLocal(lane + FreeAt);
            long data = _start + _info.DataAt(free), map = _start + _info.MapEntryAt(sector);
            // All room is there before the first step, so that no later one can fail for want of it.
            _medium.Prepare(data, source.Length);
            _medium.Prepare(_start + _info.LogAt(index), BttInfo.LogEntrySize);
            _medium.Prepare(map, sizeof(uint));
            AwaitReaders(free);
            _medium.Write(data, source);
            _medium.Flush(data, source.Length);
            using WordLock.Scope held = WordLock.EnterScope(MapLock(sector));
            CheckWritable();
            Exchange(index, lane, sector, free, map);
        }
        finally
        {
            WordLock.Exit(lane + LockAt);
        }
    }

    /// <summary>Makes a sector read as zeros. Its block stays its own.</summary>
    internal void Trim(uint sector)
    {
        CheckWritable();
        long map = _start + _info.MapEntryAt(sector);
        _medium.Prepare(map, sizeof(uint));
        using WordLock.Scope held = WordLock.EnterScope(MapLock(sector));
        uint entry = _medium.LoadEntry(map);
        _medium.StoreEntry(map, BttInfo.BlockOf(entry, sector) | BttInfo.Zeroed);
        _medium.Flush(map, sizeof(uint));
    }

    /// <summary>Notes in the log that the sector gets the free block, and gives it to it.</summary>
    private void Exchange(uint index, long* lane, uint sector, uint free, long map)
    {
        uint entry = _medium.LoadEntry(map);
        uint old = BttInfo.BlockOf(entry, sector);
        if (old >= _info.Blocks)
            throw new IOException($"Sector {sector} is lost: its entry in the map is 0x{entry:x8}, of {_info.Blocks} blocks.");
        long slot = 1 - Atomic.LoadLocal(lane + SlotAt);
        uint sequence = BttLane.Next((uint)Atomic.LoadLocal(lane + SequenceAt));
        long log = _start + _info.LogAt(index) + slot * _spacing;
        bool done = false;
        try
        {
            // The older entry counts again only with its second half: until then the newer one does.
            _medium.StoreWord(log, sector | (ulong)OldInLog(entry, old) << 32);
            _medium.Flush(log, sizeof(ulong));
            _medium.StoreWord(log + sizeof(ulong), (_isPool ? free | BttInfo.Written : free) | (ulong)sequence << 32);
            _medium.Flush(log + sizeof(ulong), sizeof(ulong));
            // ORDER(btt-3) what was written to the block comes before the map leads to it. Pairs with ORDER(btt-4).
            // ORDER(btt-1) a full fence, before the lane is used again. Pairs with ORDER(btt-2).
            _medium.StoreEntry(map, free | BttInfo.Written);
            _medium.Flush(map, sizeof(uint));
            done = true;
        }
        finally
        {
            // What the medium holds is no longer known: nothing may be written before it is looked at anew.
            if (!done)
                Atomic.StoreRelease(Broken, 1);
        }
        Atomic.StoreLocal(lane + FreeAt, old);
        Atomic.StoreLocal(lane + SlotAt, slot);
        Atomic.StoreLocal(lane + SequenceAt, sequence);
    }

    // As the kernel and libpmemblk each have it: nobody relies on the top bits.
    private uint OldInLog(uint entry, uint old) =>
        !_isPool ? old | ((entry & BttInfo.StateMask) == BttInfo.Failed ? BttInfo.Failed : 0)
        : entry == 0 ? old | BttInfo.Written : entry;

    /// <summary>Waits until nobody reads a block, which has no sector any more: whoever looks for it in the map finds another.</summary>
    private void AwaitReaders(uint block)
    {
        for (int i = 0; i < _readers; i++)
        {
            long* slot = Reader(i);
            // ORDER(btt-6) acquire: the block is filled only after its last read. Pairs with ORDER(btt-5).
            if (Atomic.LoadAcquire(slot) != block + 1L)
                continue;
            Waiter waiter = Waiter.Uninterruptible;
            while (Atomic.LoadAcquire(slot) == block + 1L)
                waiter.Pause();
            waiter.End();
        }
    }

    /// <summary>Takes a lane: one that writers on other processors do not use, if possible.</summary>
    private uint EnterLane()
    {
        uint lanes = _info.Free, first = (uint)Processors.Current % lanes, step = (uint)Math.Max(1, Processors.Count);
        for (uint i = 0; i < LanesTried; i++)
        {
            uint lane = (first + i * step) % lanes;
            if (WordLock.TryEnter(Lane(lane) + LockAt))
                return lane;
        }
        WordLock.Enter(Lane(first) + LockAt);
        return first;
    }

    private void CheckWritable()
    {
        if (!_medium.IsWritable)
            throw new UnauthorizedAccessException("The medium is read-only.");
        if (_readOnly is not null)
            throw new IOException(_readOnly);
        if (Atomic.LoadAcquire(Broken) != 0)
            throw new IOException("An earlier write failed half-way: the namespace must be opened anew before it is written.");
    }

    /// <summary>Finishes interrupted writes on the medium, and sets the lanes up. Nobody else is here yet.</summary>
    private void OpenLanes(BttLane[] lanes)
    {
        for (uint i = 0; i < lanes.Length; i++)
        {
            BttLane lane = lanes[i];
            if (lane.IsInterrupted)
            {
                long map = _start + _info.MapEntryAt(lane.Sector);
                _medium.Prepare(map, sizeof(uint));
                _medium.StoreEntry(map, lane.New | BttInfo.Written);
                _medium.Flush(map, sizeof(uint));
            }
            Atomic.StoreLocal(Lane(i) + FreeAt, lane.Free);
            Atomic.StoreLocal(Lane(i) + SlotAt, lane.Slot);
            Atomic.StoreLocal(Lane(i) + SequenceAt, lane.Sequence);
        }
    }
}
