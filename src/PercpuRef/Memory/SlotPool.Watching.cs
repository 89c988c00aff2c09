namespace Percpu.Memory;

// Telling what owners are, and what those have left behind that were dropped.
internal sealed unsafe partial class SlotPool
{
    private readonly List<DroppedOwner> _dropped = []; // Under the lock, until they are reported.
    private DropExaminer? _examiner; // Under the lock.

    private long* DroppedCount => Pinned.Address(_lock, 1);

    /// <summary>The sum of a figure over all owners that the garbage collector has not let go of.</summary>
    internal long Total(SlotFigure figure)
    {
        SwitchLock.Enter(LockWord);
        long total = 0;
        foreach (Slab slab in _slabs)
        {
            for (int i = 0; i < Slab.Slots; i++)
                total += slab.OwnerOf(i) is ISlotOwner owner ? owner.Tell(figure) : 0;
        }
        SwitchLock.Exit(LockWord);
        return total;
    }

    /// <summary>Takes the slots back of which the collector has let go, and reports who was dropped. Slab by slab: nobody who
    /// wants a slot waits for long.</summary>
    internal void Sweep()
    {
        for (int i = 0; SweepSlab(i); i++)
        {
        }
        ReportDropped();
    }

    /// <summary>Writes the events about dropped owners: their listeners are user code, so under no lock.</summary>
    internal void ReportDropped()
    {
        while (Atomic.LoadAcquire(DroppedCount) != 0)
        {
            SwitchLock.Enter(LockWord);
            bool any = _dropped.Count > 0;
            DroppedOwner dropped = any ? _dropped[^1] : default;
            if (any)
                _dropped.RemoveAt(_dropped.Count - 1);
            Atomic.StoreRelease(DroppedCount, _dropped.Count);
            SwitchLock.Exit(LockWord);
            if (!any)
                return;
            PercpuEventSource.Log.ReferenceDropped(dropped.Killed ? "killed but held" : "live", dropped.Held);
        }
    }

    private bool SweepSlab(int index)
    {
        SwitchLock.Enter(LockWord);
        bool exists = index < _slabs.Count;
        if (exists)
            Reclaim(_slabs[index]);
        SwitchLock.Exit(LockWord);
        return exists;
    }

    private void Reclaim(Slab slab)
    {
        for (int i = Slab.Slots - 1; i >= 0; i--)
        {
            if (!slab.TryReclaim(i))
                continue;
            _free.Push((slab, i));
            Examine(slab.SlotAt(i));
        }
    }

    private void Examine(Slot slot)
    {
        if (_examiner?.Invoke(slot) is not { } dropped)
            return;
        try
        {
            _dropped.Add(dropped);
            Atomic.StoreRelease(DroppedCount, _dropped.Count);
        }
        catch (OutOfMemoryException)
        {
            // No memory to tell.
        }
    }
}
