namespace Percpu.Memory;

// Telling what owners are, and what those have left behind that were dropped.
internal sealed unsafe partial class SlotPool
{
    private readonly List<DroppedOwner> _dropped = []; // Under the lock, until they are reported.

    private long* DroppedCount => Pinned.Address(_lock, 1);

    /// <summary>The sum of a figure over all owners that the garbage collector has not let go of.</summary>
    internal long Total(SlotFigure figure)
    {
        using WordLock.Scope held = WordLock.EnterScope(LockWord);
        long total = 0;
        foreach (Slab slab in _slabs)
        {
            for (int i = 0; i < Slab.Slots; i++)
                total += slab.OwnerOf(i) is ISlotOwner owner ? owner.Tell(figure) : 0;
        }
        return total;
    }

    /// <summary>Takes the slots back of which the collector has let go, and reports who was dropped. Slab by slab: nobody who
    /// wants a slot waits for long.</summary>
    internal void SweepInSteps(SlotBalance balance)
    {
        for (int i = 0; SweepSlab(i, balance); i++)
        {
        }
        ReportDropped();
    }

    /// <summary>Writes the events about dropped owners: their listeners are user code, so under no lock.</summary>
    internal void ReportDropped()
    {
        while (Atomic.LoadAcquire(DroppedCount) != 0)
        {
            if (TryTakeDropped(out DroppedOwner dropped))
                PercpuEventSource.Log.ReferenceDropped(dropped.Killed ? "killed but held" : "live", dropped.Held);
        }
    }

    private bool TryTakeDropped(out DroppedOwner dropped)
    {
        using WordLock.Scope held = WordLock.EnterScope(LockWord);
        bool any = _dropped.Count > 0;
        dropped = any ? _dropped[^1] : default;
        if (any)
            _dropped.RemoveAt(_dropped.Count - 1);
        Atomic.StoreRelease(DroppedCount, _dropped.Count);
        return any;
    }

    private bool SweepSlab(int index, SlotBalance balance)
    {
        using WordLock.Scope held = WordLock.EnterScope(LockWord);
        bool exists = index < _slabs.Count;
        if (exists)
            Sweep(_slabs[index], balance);
        return exists;
    }

    /// <summary>Looks at what owners have left that are just being taken back, before their words tell a balance.</summary>
    private void NoteDropped(Slab slab, int count, SlotBalance balance)
    {
        try
        {
            for (int i = 0; i < count; i++)
            {
                if (balance.Examine(slab.SlotAt(_indexes[i]).Words, _sums[i] + _forgotten[i]) is { } dropped)
                    _dropped.Add(dropped);
            }
        }
        catch (OutOfMemoryException)
        {
            // No memory to tell.
        }
        Atomic.StoreRelease(DroppedCount, _dropped.Count);
    }
}
