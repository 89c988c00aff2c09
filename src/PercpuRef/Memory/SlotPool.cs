namespace Percpu.Memory;

/// <summary>
/// Hands out slots and takes back those whose owner the garbage collector has let go of. The collector is the grace
/// period: a preempted reader, or a user's finalizer, may touch a slot as long as it can reach the owner.
/// </summary>
internal sealed unsafe partial class SlotPool
{
    private readonly StripeSet _stripes;
    private readonly bool _readers;
    private readonly long[] _lock = NativeBlocks.AllocatePinnedWords(8);
    private readonly List<Slab> _slabs = [];
    private readonly Stack<(Slab Slab, int Index)> _free = [];
    private int _sweptAt = -1;

    internal SlotPool(StripeSet stripes, bool readers)
    {
        _stripes = stripes;
        _readers = readers;
    }

    /// <summary>How many slots have an owner that the garbage collector has not let go of.</summary>
    internal int RentedCount
    {
        get
        {
            SwitchLock.Enter(LockWord);
            int count = 0;
            foreach (Slab slab in _slabs)
                count += slab.RentedCount;
            SwitchLock.Exit(LockWord);
            return count;
        }
    }

    private long* LockWord => Pinned.Address(_lock, 0);

    /// <summary>
    /// A slot for a new owner. Its line may hold the words of an earlier owner and its stripes their sums; the
    /// stripes of an epoch reader's slot are zero. Throws OutOfMemoryException with nothing taken.
    /// </summary>
    internal Slot Rent(object owner)
    {
        SwitchLock.Enter(LockWord);
        try
        {
            if (_free.Count == 0)
                Refill();
            (Slab slab, int index) = _free.Peek();
            Slot slot = slab.Rent(index, owner);
            _examiner ??= (owner as ISlotOwner)?.Examiner;
            _free.Pop();
            if (_readers)
                _stripes.Clear(slot.Offset);
            return slot;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    /// <summary>
    /// Sweeps, and grows by an eighth when that frees less than an eighth: each rent pays for about eight looks at
    /// a watch, and at most an eighth of the memory is ahead of the demand.
    /// </summary>
    private void Refill()
    {
        if (_sweptAt != WeakWatch.Collections)
        {
            _sweptAt = WeakWatch.Collections;
            foreach (Slab slab in _slabs)
                Reclaim(slab);
        }
        for (int wanted = Math.Max(1, _slabs.Count / 8); _free.Count < wanted * Slab.Slots;)
        {
            try
            {
                Grow();
            }
            catch (OutOfMemoryException) when (_free.Count > 0)
            {
                return;
            }
        }
    }

    private void Grow()
    {
        _slabs.EnsureCapacity(_slabs.Count + 1);
        _free.EnsureCapacity((_slabs.Count + 1) * Slab.Slots); // So that no push of a sweep can fail.
        var slab = new Slab(_stripes, _readers);
        _slabs.Add(slab);
        for (int i = Slab.Slots - 1; i >= 0; i--)
            _free.Push((slab, i));
    }
}
