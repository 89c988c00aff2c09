using Percpu.Memory;

namespace Percpu;

// Grace periods: beginning one, telling whether it has elapsed, waiting for it.
public sealed unsafe partial class EpochDomain
{
    /// <summary>Waits until every read section that was open at the call has been left.</summary>
    /// <exception cref="InvalidOperationException">Called inside a read section of the domain: it would wait for itself.</exception>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted: readers may be inside still.</exception>
    /// <remarks>Blocks: one process-wide fence, then as long as the slowest reader. A reader that stays long is
    /// reported as an event. Kernel: <c>synchronize_rcu</c>.</remarks>
    public void Synchronize()
    {
        CheckMayWait(nameof(Synchronize));
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        WaitForReaders(Waiter.Interruptible);
    }

    /// <summary>Begins a grace period without waiting for it.</summary>
    /// <returns>A cookie for <see cref="HasElapsed"/>: it elapses when every read section open now has been left.</returns>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    /// <remarks>Costs one process-wide fence; never waits for a reader. Legal inside a read section.
    /// Kernel: <c>start_poll_synchronize_rcu</c>.</remarks>
    public EpochCookie StartGracePeriod()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        var cookie = new EpochCookie(this, BeginGracePeriod());
        GC.KeepAlive(this);
        return cookie;
    }

    /// <summary>Whether the grace period has elapsed. Once true, always true.</summary>
    /// <exception cref="ArgumentException">The cookie is not from this domain.</exception>
    /// <remarks>Never waits: one acquire load a thread. Kernel: <c>poll_state_synchronize_rcu</c>.</remarks>
    public bool HasElapsed(EpochCookie cookie)
    {
        if (!ReferenceEquals(cookie.Domain, this))
            throw new ArgumentException("The cookie is not from this domain's StartGracePeriod.", nameof(cookie));
        StallWatch silent = StallWatch.Silent;
        return Poll(cookie, ref silent);
    }

    private bool Poll(EpochCookie cookie, ref StallWatch stall)
    {
        bool elapsed = HasReached(cookie.Target, ref stall);
        stall.Report();
        GC.KeepAlive(this);
        return elapsed;
    }

    /// <summary>A grace period for the layers above, which are in the middle of a change and have checked that they may wait;
    /// also when disposed.</summary>
    internal void WaitForReaders() => WaitForReaders(Waiter.Uninterruptible);

    private void WaitForReaders(Waiter waiter)
    {
        long target = BeginGracePeriod();
        var stall = new StallWatch(_stallMilliseconds);
        while (!HasReached(target, ref stall))
        {
            stall.Report();
            waiter.Pause();
        }
        waiter.End();
        GC.KeepAlive(this);
    }

    /// <summary>Advances the epoch. Returns the announcement that readers at or after it carry at least.</summary>
    private long BeginGracePeriod()
    {
        // ORDER(grace-1) interlocked, a full fence: what the caller unlinked is gone before the epoch advances.
        long target = (Atomic.FetchAdd(&_words->Epoch, EpochStep) + EpochStep) & ~EpochReader.DepthMask;
        // ORDER(grace-2) process-wide fence between the unlink and the scan. Pairs with ORDER(enter-2).
        Atomic.ProcessWideFence();
        return target;
    }

    private bool HasReached(long target, ref StallWatch stall)
    {
        if (Atomic.LoadAcquire(&_words->Elapsed) >= target)
            return true;
        if (HasReaderBefore(target, ref stall))
            return false;
        // ORDER(grace-4) acquire. Pairs with ORDER(share-2): as for a section that was announced.
        if (Atomic.LoadAcquire(&_words->Shared) != 0)
            return false;
        // A reader may still announce an old epoch that it loaded long ago; it must not turn a true answer false again.
        long elapsed = Atomic.LoadAcquire(&_words->Elapsed);
        while (elapsed < target)
        {
            long found = Atomic.CompareExchange(&_words->Elapsed, target, elapsed);
            if (found == elapsed)
                break;
            elapsed = found;
        }
        return true;
    }

    /// <summary>Whether a thread is inside since before the epoch advanced to a target. Once not, nobody ever is again.</summary>
    private bool HasReaderBefore(long target, ref StallWatch stall)
    {
        StripeSet stripes = PerProcess.Stripes;
        foreach (AreaWalk.Bank bank in stripes.Threads)
        {
            int index = bank.FirstIndex;
            for (long word = bank.First(_place), end = bank.End(_place); word != end; word += StripeLayout.Stride, index += StripeLayout.Rows)
            {
                // ORDER(grace-3) acquire. Pairs with ORDER(exit-1): the reads of a section that was left came before our return.
                long inside = Atomic.LoadAcquire((long*)word);
                if (inside == 0 || inside >= target || !stripes.CheckReader(index, _place, out ThreadIdentity owner))
                    continue;
                stall.Note(owner);
                return true;
            }
        }
        return false;
    }

    internal void CheckMayWait(string operation)
    {
        if (IsInside)
            throw new InvalidOperationException($"{operation} inside a read section of the same domain would wait for itself.");
    }
}
