using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// What threads share, under the pool's lock: the depot of free blocks, the slabs, and the list of the threads' caches.
public sealed unsafe partial class SlabPool
{
    private const int Batch = SlabCache.Capacity / 2;

    private readonly int _blocksPerSlab;
    private readonly long[] _lock = NativeBlocks.AllocatePinnedWords(8);
    private readonly Stack<SlabBlock> _depot = [];
    private readonly List<(SlabCache Cache, ThreadIdentity Owner)> _caches = [];
    private readonly List<NativeSlab> _retired = [];
    private readonly List<NativeSlab> _slabs = [];
    private bool _disposed;

    private long* LockWord => Pinned.Address(_lock, 0);

    /// <summary>Bytes that the pool's slabs have mapped, retired ones included.</summary>
    public long MappedBytes
    {
        get
        {
            SwitchLock.Enter(LockWord);
            long bytes = RetiredUnderLock();
            foreach (NativeSlab slab in _slabs)
                bytes += slab.Length;
            SwitchLock.Exit(LockWord);
            return bytes;
        }
    }

    /// <summary>Bytes of retired slabs that are still mapped because blocks of them are rented.</summary>
    public long RetiredBytes
    {
        get
        {
            SwitchLock.Enter(LockWord);
            long bytes = RetiredUnderLock();
            SwitchLock.Exit(LockWord);
            return bytes;
        }
    }

    /// <summary>Retires all slabs: no block of them is rented any more, and each is unmapped when its last rented block
    /// is returned (here, if none is). Later rents take new slabs. Never waits.</summary>
    /// <exception cref="OutOfMemoryException">No memory for the list of them. Nothing was changed.</exception>
    /// <remarks>For instance after a peak. Costs one process-wide fence.</remarks>
    public void RetireSlabs() => TryRetireSlabs(disposing: false);

    private bool TryRetireSlabs(bool disposing)
    {
        NativeSlab[] slabs;
        PercpuRef[] references;
        SwitchLock.Enter(LockWord);
        try
        {
            if (disposing && _disposed)
                return false;
            // Whatever needs memory first: when there is none, nothing has changed.
            slabs = [.. _slabs];
            references = Array.ConvertAll(slabs, slab => slab.Reference);
            RetiredUnderLock(); // Forgets those that are unmapped.
            _retired.EnsureCapacity(_retired.Count + slabs.Length);
            _disposed |= disposing;
            _retired.AddRange(slabs);
            _slabs.Clear();
            _depot.Clear();
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
        try
        {
            PercpuRef.KillAll(references);
        }
        finally
        {
            foreach (NativeSlab slab in slabs)
                slab.Dispose(); // Kills what a failed batch has left.
        }
        return true;
    }

    /// <summary>Refuses new rents and retires all slabs. Never waits; rented blocks stay valid until returned.</summary>
    /// <param name="disposing">True.</param>
    protected override void Dispose(bool disposing)
    {
        if (TryRetireSlabs(disposing: true))
            ThreadCaches.GiveNumber(_number);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SlabRental RentSlow()
    {
        SlabCache cache = AttachThread();
        while (true)
        {
            while (cache.Count > 0)
            {
                SlabBlock block = cache.Blocks[--cache.Count]!;
                cache.Blocks[cache.Count] = null;
                if (block.Reference.TryGetLive())
                    return Begin(block);
            }
            Refill(cache);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReturnSlow(SlabBlock block)
    {
        try
        {
            SlabCache cache = AttachThread();
            if (cache.Count == SlabCache.Capacity)
                Spill(cache);
            cache.Blocks[cache.Count++] = block;
        }
        catch (ObjectDisposedException)
        {
            // The pool was disposed: the block is returned all the same, to nobody.
        }
        catch (OutOfMemoryException)
        {
            ReturnToDepot(block); // No memory for a cache of this thread.
        }
        finally
        {
            block.Reference.Put();
        }
    }

    /// <summary>This thread's cache; made at its first use of the pool.</summary>
    private SlabCache AttachThread()
    {
        SwitchLock.Enter(LockWord);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            SlabCache[] caches = ThreadCaches.Caches ?? [];
            if (caches.Length <= _number)
            {
                int had = caches.Length;
                Array.Resize(ref caches, _number + 4);
                Array.Fill(caches, SlabCache.None, had, caches.Length - had);
                ThreadCaches.Caches = caches;
            }
            if (!ReferenceEquals(caches[_number].Pool, this))
            {
                var cache = new SlabCache(this);
                _caches.Add((cache, ThreadIdentity.Current));
                caches[_number] = cache;
            }
            return caches[_number];
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    /// <summary>Fills half a cache from the depot, else from caches of threads that have ended, else from a new slab.</summary>
    private void Refill(SlabCache cache)
    {
        SwitchLock.Enter(LockWord);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_depot.Count == 0)
                CollectFromEndedThreads();
            if (_depot.Count == 0)
                AddSlab();
            while (cache.Count < Batch && _depot.TryPop(out SlabBlock? block))
                cache.Blocks[cache.Count++] = block;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    // No push into the depot needs memory: it has room for every block there is.
    private void Spill(SlabCache cache)
    {
        SwitchLock.Enter(LockWord);
        while (cache.Count > Batch)
        {
            SlabBlock block = cache.Blocks[--cache.Count]!;
            cache.Blocks[cache.Count] = null;
            if (!block.Reference.IsDying)
                _depot.Push(block);
        }
        SwitchLock.Exit(LockWord);
    }

    private void ReturnToDepot(SlabBlock block)
    {
        SwitchLock.Enter(LockWord);
        if (!_disposed && !block.Reference.IsDying)
            _depot.Push(block);
        SwitchLock.Exit(LockWord);
    }

    private void CollectFromEndedThreads()
    {
        bool fenced = false;
        for (int i = _caches.Count - 1; i >= 0; i--)
        {
            (SlabCache cache, ThreadIdentity owner) = _caches[i];
            if (owner.IsAlive)
                continue;
            if (!fenced)
                Atomic.ProcessWideFence(); // What the ended threads stored last is in memory.
            fenced = true;
            _caches.RemoveAt(i);
            for (int block = 0; block < cache.Count; block++)
            {
                if (!cache.Blocks[block]!.Reference.IsDying)
                    _depot.Push(cache.Blocks[block]!);
            }
        }
    }

    private void AddSlab()
    {
        _depot.EnsureCapacity((_slabs.Count + _retired.Count + 1) * _blocksPerSlab); // Also for those just being retired.
        _slabs.EnsureCapacity(_slabs.Count + 1);
        var slab = new PoolSlab(this, _blocksPerSlab);
        _slabs.Add(slab.Memory);
        for (int i = slab.Blocks.Length - 1; i >= 0; i--)
            _depot.Push(slab.Blocks[i]);
    }

    private long RetiredUnderLock()
    {
        _retired.RemoveAll(slab => slab.Reference.IsZero && slab.Released.IsCompleted);
        long bytes = 0;
        foreach (NativeSlab slab in _retired)
            bytes += slab.Length;
        return bytes;
    }

    private NativeSlab[] RetiredSlabs()
    {
        SwitchLock.Enter(LockWord);
        try
        {
            return [.. _retired];
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }
}
