namespace Percpu.Memory;

/// <summary>
/// Hands out slots and takes back those whose owner the garbage collector has let go of. The collector is the grace
/// period: a preempted reader, or a user's finalizer, may touch a slot as long as it can reach the owner.
/// </summary>
internal sealed unsafe partial class SlotPool
{
    private readonly StripeSet _stripes;
    private readonly SlotKind _kind;
    private readonly long[] _lock = NativeBlocks.AllocatePinnedWords(8);
    private readonly List<Slab> _slabs = [];
    private readonly Stack<Slab> _open = []; // Those with a free slot. The top one is rented from.
    private readonly int[] _indexes = new int[Slab.Slots]; // What a sweep works with: it must not need memory.
    private readonly long[] _places = new long[Slab.Slots];
    private readonly long[] _sums = new long[Slab.Slots];
    private readonly long[] _forgotten = new long[Slab.Slots];
    private readonly long[] _names = new long[Slab.Slots];
    private readonly long[] _named = new long[Slab.Slots];
    private int _sweptAt = -1;
    private long _rentedSinceSweep;

    internal SlotPool(StripeSet stripes, SlotKind kind)
    {
        _stripes = stripes;
        _kind = kind;
    }

    /// <summary>How many slots have an owner that the garbage collector has not let go of.</summary>
    internal int RentedCount
    {
        get
        {
            using WordLock.Scope held = WordLock.EnterScope(LockWord);
            int count = 0;
            foreach (Slab slab in _slabs)
                count += slab.RentedCount;
            return count;
        }
    }

    private long* LockWord => Pinned.Address(_lock, 0);

    /// <summary>Gives the handles of all watches back; see <see cref="StripeSet.Release"/>.</summary>
    internal void Release()
    {
        foreach (Slab slab in _slabs)
            slab.Release();
    }

    /// <summary>
    /// A slot for a new owner. Its words are zero, or those of an earlier owner, which tell the sum that is in its
    /// stripes; the stripes of an epoch domain's slot are zero. Throws OutOfMemoryException with nothing taken.
    /// </summary>
    /// <param name="owner">Who is watched.</param>
    /// <param name="balance">What its layer knows about slots of this kind; null for an epoch domain's.</param>
    internal Slot Rent(object owner, SlotBalance? balance)
    {
        using WordLock.Scope held = WordLock.EnterScope(LockWord);
        if (_open.Count == 0)
            Refill(balance);
        Slab slab = _open.Peek();
        Slot slot = slab.Rent(owner);
        _rentedSinceSweep++;
        if (slab.FreeCount == 0)
            _open.Pop();
        return slot;
    }

    /// <summary>Sweeps, or grows where a sweep cannot free anything or was too lately: each rent pays for about eight looks at
    /// a watch, and at most an eighth more slabs are taken than one that swept every time would have.</summary>
    private void Refill(SlotBalance? balance)
    {
        if (_sweptAt != WeakWatch.Collections && _rentedSinceSweep >= _slabs.Count * (Slab.Slots / 8))
            Sweep(balance);
        if (_open.Count > 0)
            return;
        try
        {
            Grow();
        }
        catch (OutOfMemoryException) when (_sweptAt != WeakWatch.Collections)
        {
            Sweep(balance);
            if (_open.Count == 0)
                throw;
        }
    }

    private void Sweep(SlotBalance? balance)
    {
        _sweptAt = WeakWatch.Collections;
        _rentedSinceSweep = 0;
        foreach (Slab slab in _slabs)
            Sweep(slab, balance);
    }

    private void Sweep(Slab slab, SlotBalance? balance)
    {
        int before = slab.FreeCount, freed = 0;
        for (int i = 0; i < Slab.Slots; i++)
        {
            if (slab.TryReclaim(i))
                _indexes[freed++] = i;
        }
        int unknown = balance is null ? freed : KeepUnknown(slab, freed, balance);
        if (unknown > 0)
            Balance(slab, unknown, balance);
        if (before == 0 && slab.FreeCount > 0)
            _open.Push(slab);
    }

    /// <summary>Of the slots just taken back, leaves those whose stripes need a scan. First takes away what hazard pointers still
    /// hold of them: pins that were never ended, and never will be, for whoever could end one could reach the owner. They would
    /// count for the next owner, or be missed by it when the thread's area changes hands.</summary>
    private int KeepUnknown(Slab slab, int freed, SlotBalance balance)
    {
        int named = 0, unknown = 0;
        for (int i = 0; i < freed; i++)
        {
            _forgotten[i] = 0;
            long* name = balance.HazardOf(slab.SlotAt(_indexes[i]).Words);
            if (name == null)
                continue;
            _names[named] = (long)name; // They rise with the index.
            _named[named++] = i;
        }
        _stripes.TakeHazards(_names.AsSpan(0, named), _named, _forgotten);
        for (int i = 0; i < freed; i++)
        {
            // Who is released has counted a forgotten pin as held: somebody made up for it by a put.
            if (_forgotten[i] == 0 && balance.IsKnown(slab.SlotAt(_indexes[i]).Words))
                continue;
            _indexes[unknown] = _indexes[i];
            _forgotten[unknown++] = _forgotten[i];
        }
        return unknown;
    }

    /// <summary>Finds what stands in the stripes of slots whose owners were dropped as they were, live or killed: in one pass over
    /// the run, thread by thread; or zeroes the run, if nobody can reach one of its slots any more.</summary>
    private void Balance(Slab slab, int unknown, SlotBalance? balance)
    {
        if (balance is not null)
        {
            _sums.AsSpan(0, unknown).Clear();
            _stripes.AddCounts(Places(slab, unknown), _sums);
            NoteDropped(slab, unknown, balance);
        }
        bool zeroed = slab.FreeCount == Slab.Slots && _stripes.TryZeroRun(slab.Run, _kind);
        if (zeroed)
        {
            for (unknown = 0; unknown < Slab.Slots; unknown++)
                _indexes[unknown] = unknown;
            _sums.AsSpan().Clear();
        }
        if (balance is null)
        {
            if (!zeroed)
                _stripes.Clear(Places(slab, unknown));
            return;
        }
        for (int i = 0; i < unknown; i++)
            balance.Store(slab.SlotAt(_indexes[i]).Words, _sums[i]);
    }

    private Span<long> Places(Slab slab, int count)
    {
        for (int i = 0; i < count; i++)
            _places[i] = StripeLayout.PlaceOf(slab.SlotAt(_indexes[i]).Number);
        return _places.AsSpan(0, count);
    }

    private void Grow()
    {
        _slabs.EnsureCapacity(_slabs.Count + 1);
        _open.EnsureCapacity(_slabs.Count + 1); // So that no push of a sweep can fail.
        var slab = new Slab(_stripes.TakeRun(_kind), _kind);
        _slabs.Add(slab);
        _open.Push(slab);
    }
}
