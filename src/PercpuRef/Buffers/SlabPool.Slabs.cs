using Percpu.Memory;

namespace Percpu.Buffers;

// What threads share, under the pool's lock: the depot of free blocks, and the slabs.
public sealed unsafe partial class SlabPool
{
    private const int Batch = SlabCache.Capacity / 2;

    private readonly int _blocksPerSlab;
    private readonly long _maxIdleBytes;
    private readonly Pinned<long> _lock = new();
    private readonly Stack<SlabBlock> _depot = [];
    private readonly List<MappedMemory> _retired = [];
    private readonly List<PoolSlab> _slabs = [];
    private bool _disposed;

    /// <summary>Bytes that the pool's slabs have mapped, retired ones included.</summary>
    public long MappedBytes
    {
        get
        {
            using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
            long bytes = RetiredUnderLock();
            foreach (PoolSlab slab in _slabs)
                bytes += slab.Memory.Length;
            return bytes;
        }
    }

    /// <summary>Bytes of blocks that nobody rents, those that threads keep to themselves included. Costs a look at every block.</summary>
    /// <remarks>Metered as <c>percpu.pool.idle</c>, all pools together.</remarks>
    public long IdleBytes
    {
        get
        {
            using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
            return IdleUnderLock();
        }
    }

    /// <summary>Bytes of retired slabs that are still mapped because blocks of them are rented.</summary>
    public long RetiredBytes
    {
        get
        {
            using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
            return RetiredUnderLock();
        }
    }

    /// <summary>Retires all slabs: no block of them is rented any more, and each is unmapped when its last rented block
    /// is returned (here, if none is). Later rents take new slabs. Never waits.</summary>
    /// <exception cref="OutOfMemoryException">No memory for the list of them. Nothing was changed.</exception>
    /// <remarks>For instance after a peak. Costs two process-wide fences, and a look at every block.</remarks>
    public void RetireSlabs() => RetireSlabs(disposing: false);

    private void RetireSlabs(bool disposing)
    {
        PoolSlab[] slabs;
        PercpuRef[] references;
        using (WordLock.EnterScope(_lock.Pointer))
        {
            // Whatever needs memory first: when there is none, nothing has changed.
            slabs = [.. _slabs];
            references = Array.ConvertAll(slabs, slab => slab.Memory.Reference);
            RetiredUnderLock(); // Forgets those that are unmapped.
            _retired.EnsureCapacity(_retired.Count + slabs.Length);
            _disposed |= disposing;
            foreach (PoolSlab slab in slabs)
                _retired.Add(slab.Memory);
            _slabs.Clear();
            _depot.Clear();
        }
        PoolSlab.Retire(slabs);
        try
        {
            PercpuRef.KillAll(references);
        }
        finally
        {
            foreach (PoolSlab slab in slabs)
                slab.Memory.Dispose(); // Kills what a failed batch has left.
        }
    }

    /// <summary>Refuses new rents and retires all slabs. Never waits; rented blocks stay valid until returned.</summary>
    /// <param name="disposing">True.</param>
    protected override void Dispose(bool disposing)
    {
        RetireSlabs(disposing: true);
    }

    /// <summary>Fills half a cache from the depot, else from caches of threads that have ended, else from a new slab.</summary>
    private void Refill(SlabCache cache)
    {
        while (!TryRefill(cache))
            RetireSlabs();
    }

    /// <summary>False when a new slab is needed and too much is idle. What is idle lies with other threads: only a retirement reaches it.</summary>
    private bool TryRefill(SlabCache cache)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_depot.Count == 0)
            CollectFromEndedThreads();
        if (_depot.Count == 0)
        {
            if (_maxIdleBytes != long.MaxValue && IdleUnderLock() > _maxIdleBytes)
                return false;
            AddSlab();
        }
        while (cache.Count < Batch && _depot.TryPop(out SlabBlock? block))
        {
            block.MoveTo(cache);
            cache.Push(block);
        }
        return true;
    }

    // No push into the depot needs memory: it has room for every block there is.
    private void Spill(SlabCache cache)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        while (cache.Count > Batch)
            MoveToDepot(cache);
    }

    private void MoveToDepot(SlabCache cache)
    {
        SlabBlock block = cache.Pop();
        if (block.IsOpen)
            _depot.Push(block);
    }

    private void CollectFromEndedThreads()
    {
        for (int looks = Math.Min(_caches.Count, Looks); looks > 0; looks--)
        {
            SlabCache cache = NextToLookAt();
            if (!cache.IsOrphan())
                continue;
            if (cache.Last is { } last)
            {
                cache.Last = null;
                if (last.IsFree(out _) && last.IsOpen)
                    _depot.Push(last);
            }
            while (cache.Count > 0)
                MoveToDepot(cache);
            for (SlabBlock? block = cache.TakeReturned(); block is not null;)
            {
                SlabBlock? next = block.Next;
                block.Next = null;
                if (block.TryEndClaimed(cache))
                    _depot.Push(block);
                block = next;
            }
        }
    }

    private void AddSlab()
    {
        _depot.EnsureCapacity((_slabs.Count + _retired.Count + 1) * _blocksPerSlab); // Also for those just being retired.
        _slabs.EnsureCapacity(_slabs.Count + 1);
        var slab = new PoolSlab(this, _blocksPerSlab);
        _slabs.Add(slab);
        for (int i = slab.Blocks.Length - 1; i >= 0; i--)
            _depot.Push(slab.Blocks[i]);
    }

    private long IdleUnderLock()
    {
        long blocks = 0;
        foreach (PoolSlab slab in _slabs)
        {
            foreach (SlabBlock block in slab.Blocks)
                blocks += block.IsRentedNow ? 0 : 1;
        }
        return blocks * BlockSize;
    }

    private long RetiredUnderLock()
    {
        _retired.RemoveAll(slab => slab.Reference.IsZero && slab.Released.IsCompleted);
        long bytes = 0;
        foreach (MappedMemory slab in _retired)
            bytes += slab.Length;
        return bytes;
    }

    private MappedMemory[] RetiredSlabs()
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        return [.. _retired];
    }
}
