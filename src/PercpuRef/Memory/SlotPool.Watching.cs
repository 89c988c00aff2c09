namespace Percpu.Memory;

// What the meter asks owners, and the reports of those that were dropped too early.
internal sealed unsafe partial class SlotPool
{
    private readonly List<DroppedOwner> _dropped = []; // Under the lock, until they are reported.

    /// <summary>The sum of a figure over all owners that the garbage collector has not let go of.</summary>
    internal long Total(SlotFigure figure)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        long total = 0;
        foreach (SlotRun run in _runs)
        {
            for (int i = 0; i < SlotRun.Slots; i++)
                total += run.OwnerOf(i) is ISlotOwner owner ? owner.Tell(figure) : 0;
        }
        return total;
    }

    /// <summary>Takes the slots back of which the collector has let go, and reports who was dropped. Run by run: nobody who
    /// wants a slot waits for long.</summary>
    internal void SweepInSteps(SlotBalance balance)
    {
        for (int i = 0; SweepRun(i, balance); i++)
        {
        }
        ReportDropped();
    }

    /// <summary>Writes the events about dropped owners: their listeners are user code, so under no lock.</summary>
    internal void ReportDropped()
    {
        while (Atomic.LoadAcquire(&Shared->DroppedCount) != 0)
        {
            if (TryTakeDropped(out DroppedOwner dropped))
                PercpuEventSource.Log.ReferenceDropped(dropped.Killed ? "killed but held" : "live", dropped.Held);
        }
    }

    private bool TryTakeDropped(out DroppedOwner dropped)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        bool any = _dropped.Count > 0;
        dropped = any ? _dropped[^1] : default;
        if (any)
            _dropped.RemoveAt(_dropped.Count - 1);
        Atomic.StoreRelease(&Shared->DroppedCount, _dropped.Count);
        return any;
    }

    private bool SweepRun(int index, SlotBalance balance)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        bool exists = index < _runs.Count;
        if (exists)
            Sweep(_runs[index], balance);
        return exists;
    }

    /// <summary>Notes which of the slots that are being taken back had an owner that was dropped too early. Before their words are made to
    /// tell the sum of the stripes.</summary>
    private void NoteDropped(SlotRun run, int count, SlotBalance balance)
    {
        try
        {
            for (int i = 0; i < count; i++)
            {
                if (balance.Examine(run.SlotAt(_indexes[i]).Words, _sums[i] + _forgotten[i]) is { } dropped)
                    _dropped.Add(dropped);
            }
        }
        catch (OutOfMemoryException)
        {
            // No memory to note it: it is not reported.
        }
        Atomic.StoreRelease(&Shared->DroppedCount, _dropped.Count);
    }
}
