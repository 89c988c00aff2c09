namespace Percpu.Memory;

/// <summary>
/// Hands out slots and takes back those whose owner the garbage collector has let go of. The collector is the grace
/// period: a preempted reader, or a user's finalizer, may touch a slot as long as it can reach the owner.
/// </summary>
internal sealed unsafe partial class SlotPool
{
    private readonly StripeSet _stripes;
    private readonly SlotKind _kind;
    private readonly Pinned<Words> _words = new();
    private readonly List<SlotRun> _runs = [];
    private readonly Stack<SlotRun> _open = []; // Those with a free slot. The top one is rented from.
    private readonly int[] _indexes = new int[SlotRun.Slots]; // What a sweep works with: it must not need memory.
    private readonly long[] _places = new long[SlotRun.Slots];
    private readonly long[] _sums = new long[SlotRun.Slots];
    private readonly long[] _forgotten = new long[SlotRun.Slots];
    private readonly long[] _names = new long[SlotRun.Slots];
    private readonly long[] _named = new long[SlotRun.Slots];
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
            using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
            int count = 0;
            foreach (SlotRun run in _runs)
                count += run.RentedCount;
            return count;
        }
    }

    /// <summary>Gives the handles of all watches back; see <see cref="StripeSet.Release"/>.</summary>
    internal void Release()
    {
        foreach (SlotRun run in _runs)
            run.Release();
    }

    /// <summary>
    /// A slot for a new owner. Its words are zero, or those of an earlier owner, which tell the sum that is in its
    /// stripes; the stripes of an epoch domain's slot are zero. Throws OutOfMemoryException with nothing taken.
    /// </summary>
    /// <param name="owner">Who is watched.</param>
    /// <param name="balance">What its layer knows about slots of this kind; null for an epoch domain's.</param>
    internal Slot Rent(object owner, SlotBalance? balance)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        if (_open.Count == 0)
            Refill(balance);
        SlotRun run = _open.Peek();
        Slot slot = run.Rent(owner);
        _rentedSinceSweep++;
        if (run.FreeCount == 0)
            _open.Pop();
        return slot;
    }

    /// <summary>Sweeps; or grows, where a sweep cannot free anything, or too few slots were rented since the last one. So each rent
    /// pays for about eight looks at a watch, and at most an eighth more runs are taken than by a pool that sweeps every time.</summary>
    private void Refill(SlotBalance? balance)
    {
        if (_sweptAt != WeakWatch.Collections && _rentedSinceSweep >= _runs.Count * (SlotRun.Slots / 8))
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
        foreach (SlotRun run in _runs)
            Sweep(run, balance);
    }

    private void Sweep(SlotRun run, SlotBalance? balance)
    {
        int before = run.FreeCount, freed = 0;
        for (int i = 0; i < SlotRun.Slots; i++)
        {
            if (run.TryReclaim(i))
                _indexes[freed++] = i;
        }
        int unknown = balance is null ? freed : KeepUnknown(run, freed, balance);
        if (unknown > 0)
            Balance(run, unknown, balance);
        if (before == 0 && run.FreeCount > 0)
            _open.Push(run);
    }

    /// <summary>Of the slots just taken back, leaves those whose stripes need a scan. First takes away what hazard pointers still
    /// hold of them: pins that were never ended, and never will be, for whoever could end one could reach the owner. They would
    /// count for the next owner, or be missed by it when the thread's area changes hands.</summary>
    private int KeepUnknown(SlotRun run, int freed, SlotBalance balance)
    {
        int named = 0, unknown = 0;
        for (int i = 0; i < freed; i++)
        {
            _forgotten[i] = 0;
            long* name = balance.HazardOf(run.SlotAt(_indexes[i]).Words);
            if (name == null)
                continue;
            _names[named] = (long)name; // They rise with the index.
            _named[named++] = i;
        }
        _stripes.TakeHazards(_names.AsSpan(0, named), _named, _forgotten);
        for (int i = 0; i < freed; i++)
        {
            // A released reference had counted its forgotten pin as held. Since it was released all the same, somebody has put once
            // too often.
            if (_forgotten[i] == 0 && balance.IsKnown(run.SlotAt(_indexes[i]).Words))
                continue;
            _indexes[unknown] = _indexes[i];
            _forgotten[unknown++] = _forgotten[i];
        }
        return unknown;
    }

    /// <summary>Finds what stands in the stripes of slots whose owners were dropped as they were, live or killed: in one pass over
    /// the run, thread by thread; or zeroes the run, if nobody can reach one of its slots any more.</summary>
    private void Balance(SlotRun run, int unknown, SlotBalance? balance)
    {
        if (balance is not null)
        {
            _sums.AsSpan(0, unknown).Clear();
            _stripes.AddCounts(Places(run, unknown), _sums);
            NoteDropped(run, unknown, balance);
        }
        bool zeroed = run.FreeCount == SlotRun.Slots && _stripes.TryZeroRun(run.Number, _kind);
        if (zeroed)
        {
            for (unknown = 0; unknown < SlotRun.Slots; unknown++)
                _indexes[unknown] = unknown;
            _sums.AsSpan().Clear();
        }
        if (balance is null)
        {
            if (!zeroed)
                _stripes.Clear(Places(run, unknown));
            return;
        }
        for (int i = 0; i < unknown; i++)
            balance.Store(run.SlotAt(_indexes[i]).Words, _sums[i]);
    }

    private Span<long> Places(SlotRun run, int count)
    {
        for (int i = 0; i < count; i++)
            _places[i] = StripeLayout.PlaceOf(run.SlotAt(_indexes[i]).Number);
        return _places.AsSpan(0, count);
    }

    private void Grow()
    {
        _runs.EnsureCapacity(_runs.Count + 1);
        _open.EnsureCapacity(_runs.Count + 1); // So that no push of a sweep can fail.
        var run = new SlotRun(_stripes.TakeRun(_kind), _kind);
        _runs.Add(run);
        _open.Push(run);
    }

    private Words* Shared => _words.Pointer;

    private struct Words
    {
        internal long Lock;
        internal long DroppedCount;
    }
}
