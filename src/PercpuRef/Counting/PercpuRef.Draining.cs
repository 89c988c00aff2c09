using System.Diagnostics;
using Percpu.Memory;

namespace Percpu;

// For the layers above, in the middle of a teardown: killing whatever the state is, and a wait that tells what it waits for.
public sealed unsafe partial class PercpuRef
{
    /// <summary>How long such a wait takes before it is reported, unless somebody has chosen.</summary>
    internal static readonly TimeSpan DefaultStallReportAfter = TimeSpan.FromSeconds(10);

    /// <summary>The completion of the current life.</summary>
    internal Completion Life => DemandLife();

    /// <summary>Kills as <see cref="Kill"/> does, unless it was killed, released or disposed before: then false. Throws
    /// what the release callback throws, when all is done.</summary>
    internal bool TryKill()
    {
        long start = PercpuMeter.StartKill();
        using (new SwitchScope(this))
        {
            if (!IsKillable)
                return false;
            MarkDead();
            EnterAtomicMode();
        }
        PercpuMeter.Killed(start);
        TellKilled();
        PutCentral(1);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Takes a kill back, whether the count has been released meanwhile or not: live again, with its initial reference.</summary>
    /// <exception cref="InvalidOperationException">It is not dying. Nothing was changed.</exception>
    /// <remarks>Kernel: <c>percpu_ref_resurrect</c>, which does not mind either.</remarks>
    internal void TakeKillBack() => Revive(required: CountWord.Dead, forbidden: 0);

    /// <summary>Waits until a life has ended, and reports an event if that takes long: who waits, for how many references, and
    /// who holds them, if that is tracked. Again each time the wait has doubled.</summary>
    /// <param name="life">A <see cref="Life"/> of this reference.</param>
    /// <param name="waiter">How.</param>
    /// <param name="timeout">0 to 2^31 - 2 milliseconds, or infinite.</param>
    /// <param name="what">Who waits, for the report.</param>
    /// <param name="reportAfter">Positive.</param>
    /// <returns>False if it has not ended in time.</returns>
    internal bool WaitForEnd(Completion life, Waiter waiter, TimeSpan timeout, string what, TimeSpan reportAfter)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan report = Longest(reportAfter);
        try
        {
            while (true)
            {
                TimeSpan left = Left(timeout, start);
                bool reports = timeout == Timeout.InfiniteTimeSpan || Left(report, start) < left;
                bool ended = waiter.WaitFor(life, reports ? Left(report, start) : left);
                if (ended || !reports)
                    return ended;
                TimeSpan waited = Stopwatch.GetElapsedTime(start);
                if (waited < report)
                    continue;
                report = Longest(waited * 2);
                PercpuEventSource.Log.StalledRelease(what, ApproximateCount, (long)waited.TotalMilliseconds, this, static reference => reference.DescribeHolders());
            }
        }
        finally
        {
            waiter.End();
        }
    }

    /// <summary>Waits for the release of a reference that was killed, in the middle of a teardown, which nothing may end early.</summary>
    internal void Drain(string what, TimeSpan reportAfter)
    {
        try
        {
            Completion life;
            do
            {
                life = Life;
                WaitForEnd(life, Waiter.Uninterruptible, Timeout.InfiniteTimeSpan, what, reportAfter);
            }
            while (life.IsCancelled);
        }
        catch (OutOfMemoryException)
        {
            DrainWithoutMemory(); // Who is waited for may be what holds the memory.
        }
    }

    /// <summary>The same without anything to be woken by.</summary>
    private void DrainWithoutMemory()
    {
        Waiter waiter = Waiter.Uninterruptible;
        while (!(Atomic.LoadReference(ref _end) is RefLife life ? life.IsCompleted && !life.IsCancelled : Has(RefWords.Ended)))
            waiter.Pause();
        waiter.End();
        GC.KeepAlive(this);
    }

    // No field for it: the owner is found through its release callback.
    private void TellKilled() => (Callback?.Target as IKillObserver)?.Killed();

    internal static void CheckTimeout(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan && (timeout < TimeSpan.Zero || timeout.TotalMilliseconds >= int.MaxValue))
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A time-out is 0 to 2^31 - 2 ms, or infinite.");
    }

    private static TimeSpan Left(TimeSpan timeout, long start) => timeout == Timeout.InfiniteTimeSpan
        ? timeout
        : TimeSpan.FromTicks(Math.Max(0, (timeout - Stopwatch.GetElapsedTime(start)).Ticks));

    private static TimeSpan Longest(TimeSpan time) => time.TotalMilliseconds < int.MaxValue - 1 ? time : TimeSpan.FromMilliseconds(int.MaxValue - 1);
}
