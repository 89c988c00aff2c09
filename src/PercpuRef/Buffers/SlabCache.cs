using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>Free blocks of one pool that one thread keeps to itself: the last rented one, and a stack. And the list of its
/// blocks that other threads have returned.</summary>
/// <remarks>When its thread has ended it belongs to whoever holds the pool's lock, until a new thread takes it over.</remarks>
internal sealed unsafe class SlabCache
{
    internal const int Capacity = 32;

    private const int ReturnedAt = 8;

    private readonly SlabBlock?[] _free = new SlabBlock?[Capacity];
    private readonly Pinned<long> _markWord = new();
    private readonly long* _mark; // Its thread's. Only that thread stores its own, so it alone can find its own here.
    private ThreadIdentity _owner; // Under the pool's lock.
    private bool _isOrphan = true; // Under the pool's lock.

    // One element is used, in the middle: other threads' stores shall not take the line away that the owner works in.
    private readonly SlabBlock?[] _returned = new SlabBlock?[ReturnedAt * 2 + 1];

    /// <summary>The block rented last, free or not, as its generation tells: renting and returning it moves nothing. Not
    /// in the stack.</summary>
    internal SlabBlock? Last;

    internal SlabCache()
    {
        _mark = _markWord.Pointer;
        Atomic.StoreRelease(_mark, -1); // No thread's, not even one's without a mark.
    }

    /// <summary>Blocks in the stack.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether it is the cache of the thread that asks, whose mark is given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsOf(long mark) => Atomic.LoadAcquire(_mark) == mark;

    /// <summary>Makes it the calling thread's. Under the pool's lock; it is new or an orphan.</summary>
    internal void GiveTo(long mark, ThreadIdentity owner)
    {
        _isOrphan = false;
        _owner = owner;
        Atomic.StoreRelease(_mark, mark);
    }

    /// <summary>Whether its thread has ended. Under the pool's lock.</summary>
    internal bool IsOrphan()
    {
        if (_isOrphan || _owner.IsAlive)
            return _isOrphan;
        // ORDER(home-1) process-wide fence, after the owner was seen ended: the generations it stored last are in memory before
        // anybody else writes them.
        Atomic.ProcessWideFence();
        return _isOrphan = true;
    }

    /// <summary>Gives a free block to rent, which is the last one then.</summary>
    internal bool TryTake([NotNullWhen(true)] out SlabBlock? block)
    {
        block = Last;
        if (block is not null && block.IsFree(out _))
            return true;
        if (Count == 0)
            return false;
        Last = block = _free[--Count]!;
        return true;
    }

    /// <summary>Adds a free block; there is room.</summary>
    internal void Push(SlabBlock block)
    {
        // Often it stands there still: then there is no reference to store, which the collector would have to be told.
        if (!ReferenceEquals(_free[Count], block))
            _free[Count] = block;
        Count++;
    }

    /// <summary>Takes a free block out.</summary>
    internal SlabBlock Pop()
    {
        SlabBlock block = _free[--Count]!;
        _free[Count] = null;
        return block;
    }

    /// <summary>Adds a block that was returned on another thread.</summary>
    internal void PushReturned(SlabBlock block)
    {
        ref SlabBlock? newest = ref _returned[ReturnedAt];
        SlabBlock? next = Atomic.LoadReference(ref newest);
        while (true)
        {
            block.Next = next;
            SlabBlock? found = Atomic.CompareExchangeReference(ref newest, block, next);
            if (ReferenceEquals(found, next))
                return;
            next = found;
        }
    }

    /// <summary>Takes the list. For the owner.</summary>
    internal SlabBlock? TakeReturned()
    {
        ref SlabBlock? newest = ref _returned[ReturnedAt];
        return Atomic.LoadReference(ref newest) is null ? null : Atomic.ExchangeReference(ref newest, null);
    }
}
