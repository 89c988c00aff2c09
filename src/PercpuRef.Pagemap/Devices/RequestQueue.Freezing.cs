using Percpu.Memory;

namespace Percpu.Pagemap;

// Holding up new requests until those inside are gone, and letting them in again.
public sealed unsafe partial class RequestQueue
{
    /// <summary>Refuses new requests and waits until none is inside, no pin of the disk's pages included. Nests.</summary>
    /// <exception cref="InvalidOperationException">Another thread has undone this freeze while it waited: requests may be inside.</exception>
    /// <remarks>An interrupt of the thread is postponed to the end of the wait: a freeze that was given up half-way would
    /// keep everybody out for ever. If the wait takes long, it is reported as an event, with those who are inside if they are
    /// tracked; see <see cref="RequestQueueOptions"/>. Kernel: <c>blk_mq_freeze_queue</c>.</remarks>
    public void Freeze() => Wait(StartFreeze(dying: false), Waiter.Uninterruptible, Timeout.InfiniteTimeSpan);

    /// <summary>Freezes as <see cref="Freeze"/> does, if all requests inside leave in time.</summary>
    /// <param name="timeout">0 to 2^31 - 2 milliseconds, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>False on time-out: the freeze is undone, and the queue as open as before.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range. Nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">Another thread has undone this freeze while it waited.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted: the freeze is undone.</exception>
    /// <remarks>Requests that came meanwhile have waited, or were refused.</remarks>
    public bool TryFreeze(TimeSpan timeout)
    {
        PercpuRef.CheckTimeout(timeout);
        Completion life = StartFreeze(dying: false);
        bool frozen = false;
        try
        {
            frozen = Wait(life, Waiter.Interruptible, timeout);
        }
        catch (ThreadInterruptedException)
        {
            Unfreeze();
            throw;
        }
        if (!frozen)
            Unfreeze();
        return frozen;
    }

    /// <summary>Refuses new requests, and does not wait for those inside: <see cref="WaitFrozen()"/> does. Nests;
    /// <see cref="Unfreeze"/> undoes it, whether somebody has waited or not.</summary>
    /// <remarks>Kernel: <c>blk_freeze_queue_start</c> (<c>blk_mq_freeze_queue_start</c>).</remarks>
    public void FreezeStart() => StartFreeze(dying: false);

    /// <summary>Waits until none is inside a queue that was frozen by <see cref="FreezeStart"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not frozen; or was unfrozen meanwhile.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted. Nothing has changed: the freeze stays.</exception>
    /// <remarks>Reported as an event if it takes long. Kernel: <c>blk_mq_freeze_queue_wait</c>.</remarks>
    public void WaitFrozen() => WaitFrozen(Timeout.InfiniteTimeSpan);

    /// <summary>Waits as <see cref="WaitFrozen()"/> does, for a limited time.</summary>
    /// <param name="timeout">0 to 2^31 - 2 milliseconds, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>False on time-out. The freeze stays.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">It is not frozen; or was unfrozen meanwhile.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted. Nothing has changed: the freeze stays.</exception>
    /// <remarks>Kernel: <c>blk_mq_freeze_queue_wait_timeout</c>.</remarks>
    public bool WaitFrozen(TimeSpan timeout)
    {
        PercpuRef.CheckTimeout(timeout);
        Completion life;
        using (WordLock.EnterScope(&Shared->Lock))
        {
            if (Atomic.LoadLocal(&Shared->Depth) == 0)
                throw new InvalidOperationException($"Nobody has frozen {Described}: call FreezeStart first.");
            life = Usage.Life;
        }
        return Wait(life, Waiter.Interruptible, timeout);
    }

    /// <summary>Undoes one freeze; the last one opens the queue and wakes everybody who waits. Also while requests are still
    /// inside, that is before the freeze has returned: whoever waits for it is told so by an exception.</summary>
    /// <exception cref="InvalidOperationException">It is not frozen.</exception>
    /// <remarks>Kernel: <c>blk_mq_unfreeze_queue</c>.</remarks>
    public void Unfreeze()
    {
        using (WordLock.EnterScope(&Shared->Lock))
        {
            // A dying queue keeps one freeze for good.
            if (Atomic.LoadLocal(&Shared->Depth) <= Atomic.LoadLocal(&Shared->Dying))
                throw new InvalidOperationException(IsDying ? $"Nobody has frozen {Described}, which is dying and stays closed." : $"Nobody has frozen {Described}.");
            // Depth and counter change together under the lock: a freeze and an unfreeze cannot swap.
            bool last = Atomic.LoadLocal(&Shared->Depth) == 1;
            if (last)
                Usage.TakeKillBack(); // Drained or not.
            Atomic.StoreRelease(&Shared->Depth, Atomic.LoadLocal(&Shared->Depth) - 1);
            if (!last)
                return;
        }
        // ORDER(queue-1) interlocked, behind the revival. Pairs with ORDER(queue-2): who failed to enter before it waits
        // for a value that is gone.
        Atomic.FetchAdd(&Shared->Gate, 1);
        Parking.WakeAll(&Shared->Gate);
    }

    /// <summary>Opens a freeze, and returns the life of the counter whose end it waits for.</summary>
    private Completion StartFreeze(bool dying)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        if (!dying || Atomic.Exchange(&Shared->Dying, 1) == 0)
        {
            if (Atomic.LoadLocal(&Shared->Depth) == 0)
                Usage.TryKill(); // Runs no callback: the counter has none. Not refused if a user has killed it himself.
            Atomic.StoreRelease(&Shared->Depth, Atomic.LoadLocal(&Shared->Depth) + 1);
        }
        return Usage.Life;
    }

    private bool Wait(Completion life, Waiter waiter, TimeSpan timeout)
    {
        if (!Usage.WaitForEnd(life, waiter, timeout, $"A freeze of {Described}", _stallReportAfter))
            return false;
        // Depth fell to 0 before those inside were gone: the life was taken back.
        if (life.IsCancelled)
            throw new InvalidOperationException($"Another thread has unfrozen {Described} while this freeze waited: requests may be inside.");
        return true;
    }
}
