using Percpu.Memory;

namespace Percpu;

// The background thread: started by a retirement, asleep while nothing waits, ended after a second of idleness.
public sealed unsafe partial class EpochDomain
{
    private const long ReclaimerAbsent = 0, ReclaimerRunning = 1, ReclaimerAsleep = 2;
    private const int IdleMilliseconds = 1000;

    // ORDER(wake-1) the work was left by a full fence (a push, or the exit of the reclaim lock) before this load. Pairs
    // with ORDER(wake-2): of work that is left and a reclaimer that goes to sleep, one sees the other.
    private void WakeReclaimer()
    {
        long state = Atomic.LoadAcquire(&_words->Reclaimer);
        while (state != ReclaimerRunning)
        {
            long found = Atomic.CompareExchange(&_words->Reclaimer, ReclaimerRunning, state);
            if (found == state)
            {
                if (state == ReclaimerAsleep)
                    Parking.WakeAll(&_words->Reclaimer);
                else
                    StartReclaimer();
                return;
            }
            state = found;
        }
    }

    private void StartReclaimer()
    {
        try
        {
            BackgroundThread.Start(RunReclaimer, "Percpu epoch reclaimer");
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // What was retired stays in the list: the next retirement tries again, and Reclaim and Barrier work.
            Atomic.Exchange(&_words->Reclaimer, ReclaimerAbsent);
            PercpuEventSource.Log.NoReclaimer(exception);
        }
    }

    private void RunReclaimer()
    {
        // A callback may interrupt the thread: that ends neither it nor another callback's wait.
        Waiter waiter = Waiter.Uninterruptible;
        do
        {
            Failures ignored = default; // Each was reported as an event; there is no caller to throw to.
            if (TryReclaimReady(ref ignored, out int count) && count > 0)
                waiter.Restart();
            if (HasWork)
                waiter.Pause();
        }
        while (HasWork || !TrySleepUntilIdle(ref waiter));
        GC.KeepAlive(this);
    }

    /// <summary>Sleeps until there is work (false), or until idle for so long that the thread should end (true).</summary>
    private bool TrySleepUntilIdle(ref Waiter waiter)
    {
        // ORDER(wake-2) exchange, a full fence, before the list is looked at again. Pairs with ORDER(wake-1).
        Atomic.Exchange(&_words->Reclaimer, ReclaimerAsleep);
        if (!HasWork)
        {
            waiter.Park(&_words->Reclaimer, ReclaimerAsleep, IdleMilliseconds);
            if (Atomic.CompareExchange(&_words->Reclaimer, ReclaimerAbsent, ReclaimerAsleep) == ReclaimerAsleep)
                return true;
        }
        Atomic.Exchange(&_words->Reclaimer, ReclaimerRunning);
        return false;
    }
}
