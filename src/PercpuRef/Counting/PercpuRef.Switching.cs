using Percpu.Memory;

namespace Percpu;

// Mode switches from percpu to atomic, kills among them. All switches exclude each other by the switch lock; no callback runs under it.
public sealed unsafe partial class PercpuRef
{
    /// <summary>Kills the reference: <see cref="TryGetLive()"/> fails from the return of this call on, the initial
    /// reference is dropped, and the release callback runs when the last reference is put (here, if none is held).</summary>
    /// <exception cref="InvalidOperationException">It was killed before, or its initial reference was put and it is
    /// released. Nothing is dropped.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <remarks>Costs one process-wide fence and one scan of the stripes (one acquire load a thread). Never waits for
    /// another thread to run, except for another mode switch of the same reference. Kernel: <c>percpu_ref_kill</c>,
    /// which warns on a second kill and drops again.</remarks>
    public void Kill() => KillAndConfirm(null!, confirms: false);

    /// <summary>Kills as <see cref="Kill"/> does, and calls <paramref name="confirm"/> when no
    /// <see cref="TryGetLive()"/> can succeed any more, before the initial reference is dropped.</summary>
    /// <param name="confirm">Runs on this thread, synchronously. If it throws, the initial reference is dropped all the
    /// same and the exception reaches the caller.</param>
    /// <exception cref="ArgumentNullException"><paramref name="confirm"/> is null.</exception>
    /// <exception cref="InvalidOperationException">As for <see cref="Kill"/>; the callback does not run.</exception>
    /// <exception cref="AggregateException">Both the confirm and the release callback threw.</exception>
    /// <remarks>Kernel: <c>percpu_ref_kill_and_confirm</c>, which calls back after a grace period.</remarks>
    public void KillAndConfirm(Action<PercpuRef> confirm)
    {
        ArgumentNullException.ThrowIfNull(confirm);
        KillAndConfirm(confirm, confirms: true);
    }

    /// <summary>Switches to one shared count and stays there until <see cref="SwitchToPercpu"/>, over kill and
    /// reinit. Does not drop the initial reference.</summary>
    /// <param name="confirm">Runs on this thread when the switch is done: from then on the count is exact at once.</param>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="AggregateException">Both the confirm and the release callback threw.</exception>
    /// <remarks>Runs the release callback if nothing is held any more. Waits only for another mode switch of the same
    /// reference. Kernel: <c>percpu_ref_switch_to_atomic_sync</c>.</remarks>
    public void SwitchToAtomic(Action<PercpuRef>? confirm = null)
    {
        using (EnterSwitch())
        {
            Set(RefWords.StaysAtomic);
            EnterAtomicMode();
        }
        // The initial reference may have been put while no bound stood: then nobody has settled.
        RunBoth(confirm, static reference => reference.Settle());
    }

    private void KillAndConfirm(Action<PercpuRef> confirm, bool confirms)
    {
        long start = PercpuMeter.StartKill();
        using (EnterSwitch())
        {
            CheckKillable();
            MarkDead();
            EnterAtomicMode();
        }
        PercpuMeter.Killed(start);
        TellKilled();
        RunBoth(confirms ? confirm : null, static reference => reference.PutCentral(1));
    }

    private bool IsKillable => (Atomic.LoadAcquire(&_words->Central) & (CountWord.Dead | CountWord.Released)) == 0;

    private void CheckKillable(string subject = "The reference")
    {
        long central = Atomic.LoadAcquire(&_words->Central);
        if ((central & CountWord.Dead) != 0)
            throw new InvalidOperationException($"{subject} was killed before: each life has one kill.");
        if ((central & CountWord.Released) != 0)
            throw new InvalidOperationException($"{subject} is released though it was never killed: a Put has dropped its initial reference, which is the kill's to drop.");
    }

    // ORDER(kill-1) DEAD goes into the word that slow gets compare-exchange, before the mode changes. Pairs with ORDER(get-4).
    private void MarkDead() => Atomic.FetchAdd(&_words->Central, CountWord.Dead);

    private void EnterAtomicMode()
    {
        if (!TryEnterAtomicMode())
            return;
        FenceCounts(HasAlways(RefWords.CanBeAnnounced));
        PublishFirstBound();
    }

    /// <summary>The fence between the switch of the mode and the scan: of all counts, and of announcements if there can be any.</summary>
    private static void FenceCounts(bool announced)
    {
        if (PerCpu.InUse)
        {
            // ORDER(section-2) the fence of sections. Pairs with ORDER(section-1): an add before it is in the scan; whoever would
            // add after it begins anew, and finds atomic mode.
            PerCpu.Fence();
            if (!announced)
                return;
        }
        // ORDER(kill-3) process-wide fence. Pairs with ORDER(get-2).
        Atomic.ProcessWideFence();
    }

    /// <summary>Stores the mode word of atomic mode; false if it stood there. <see cref="FenceCounts"/> must follow.</summary>
    private bool TryEnterAtomicMode()
    {
        long word = Atomic.LoadAcquire(&_words->Mode);
        if (!StripeLayout.IsPercpu(word))
            return false;
        if (HasAlways(RefWords.CanBeAnnounced))
            Atomic.StoreRelease(&_words->Limit, 0); // An access looks at the limit first: after the fence none is announced any more.
        Atomic.StoreRelease(&_words->Mode, StripeLayout.AtomicWord(StripeLayout.NumberIn(word)));
        return true;
    }

    /// <summary>Whether the switch to atomic mode has not published a bound yet. Under the switch lock.</summary>
    private bool IsUnconfirmed => (Atomic.LoadAcquire(&_words->Bound) & CountWord.Unconfirmed) != 0;

    /// <summary>The first scan of an atomic phase. Before it, puts must see that a bound is coming.</summary>
    private void PublishFirstBound()
    {
        long phase = PublishUnknown();
        LowerBound(CountWord.FromCount(SumStripes()), phase);
    }

    /// <summary>Returns the phase that begins.</summary>
    private long PublishUnknown()
    {
        long phase = CountWord.Phase(Atomic.LoadAcquire(&_words->Central));
        // ORDER(kill-4) exchange, a full fence: the bound stands at "unknown" before the scan starts. A late put whose
        // change this scan misses settles after it: it must find a phase in which a settle proceeds.
        Atomic.Exchange(&_words->Bound, CountWord.Unknown | phase);
        return phase;
    }

    /// <summary>Runs a confirm callback and then the drop or settle that must happen whatever the callback throws.</summary>
    private void RunBoth(Action<PercpuRef>? confirm, Action<PercpuRef> last)
    {
        try
        {
            confirm?.Invoke(this);
        }
        catch (Exception first)
        {
            PercpuEventSource.Log.CallbackFailed("Confirm", first);
            try
            {
                last(this);
            }
            catch (Exception second)
            {
                throw new AggregateException(first, second);
            }
            throw;
        }
        last(this);
        GC.KeepAlive(this);
    }

    /// <summary>Enters the lock of the mode switches, unless the reference was disposed.</summary>
    private SwitchScope EnterSwitch()
    {
        var held = new SwitchScope(this);
        if (!Has(RefWords.Disposed))
            return held;
        held.Dispose();
        throw new ObjectDisposedException(nameof(PercpuRef), "The reference was disposed: it cannot be killed, switched or revived any more.");
    }

    private void ExitSwitch()
    {
        WordLock.Exit(&_words->State);
        GC.KeepAlive(this); // The word must not be recycled between its last use and the exit.
    }

    private readonly ref struct SwitchScope
    {
        private readonly PercpuRef _reference;

        internal SwitchScope(PercpuRef reference)
        {
            _reference = reference;
            WordLock.Enter(&reference._words->State);
        }

        public void Dispose() => _reference.ExitSwitch();
    }
}
