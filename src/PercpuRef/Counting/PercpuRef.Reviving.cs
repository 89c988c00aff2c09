using Percpu.Memory;

namespace Percpu;

// Mode switches back to percpu, revivals among them: each begins a new phase. Under the switch lock, as those the other way.
public sealed unsafe partial class PercpuRef
{
    /// <summary>Switches back to percpu mode. On a dying reference it acts at the next <see cref="Reinit"/>.</summary>
    /// <exception cref="InvalidOperationException">Without <see cref="PercpuRefOptions.AllowReinit"/>, or the reference
    /// is released though it was never killed.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <remarks>Readers may run beside it. Kernel: <c>percpu_ref_switch_to_percpu</c>.</remarks>
    public void SwitchToPercpu()
    {
        CheckAllowsReinit(nameof(SwitchToPercpu));
        using (EnterSwitch())
        {
            if (HolderTable.Of(this) is not null)
                return; // A tracked reference stays atomic: the fast path tracks nothing.
            if (!IsDying && !IsPercpu)
            {
                AdvancePhase(count: 0, required: 0, forbidden: CountWord.Released);
                EnterPercpuMode();
            }
            Clear(RefWords.StaysAtomic);
        }
    }

    /// <summary>Starts a new life after a release: live again, with its initial reference.</summary>
    /// <exception cref="InvalidOperationException">Without <see cref="PercpuRefOptions.AllowReinit"/>, or it is not released.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <remarks>Failing <see cref="TryGet()"/> and <see cref="TryGetLive()"/> may run beside it. May be called from the
    /// release callback; <see cref="Released"/> of the ended life still completes. Kernel: <c>percpu_ref_reinit</c>.</remarks>
    public void Reinit()
    {
        CheckAllowsReinit(nameof(Reinit));
        Revive(required: CountWord.Released, forbidden: 0);
    }

    /// <summary>Takes a kill back while references are still held: live again, with its initial reference.</summary>
    /// <exception cref="InvalidOperationException">Without <see cref="PercpuRefOptions.AllowReinit"/>, or it is not
    /// dying, or the last put was faster and it is released: then use <see cref="Reinit"/>.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <remarks>The task that <see cref="Released"/> gave before is cancelled: that life ended without a release.
    /// Kernel: <c>percpu_ref_resurrect</c>.</remarks>
    public void Resurrect()
    {
        CheckAllowsReinit(nameof(Resurrect));
        Revive(required: CountWord.Dead, forbidden: CountWord.Released);
    }

    private void Revive(long required, long forbidden)
    {
        var life = new RefLife(Callback);
        object? ended;
        bool released;
        using (EnterSwitch())
        {
            released = (AdvancePhase(count: 1, required, forbidden) & CountWord.Released) != 0;
            // After the phase and before the bound: no settle of the new phase proceeds without its bound, so none can
            // take the ended life's completion.
            ended = Atomic.ExchangeReference(ref _end, life);
            if (Has(RefWords.StaysAtomic))
                PublishFirstBound();
            else
                EnterPercpuMode();
        }
        if (!released)
            ((RefLife)ended!).Cancel(); // The last step: it queues continuations, and whoever waits must find the new life.
    }

    /// <summary>Starts a new phase in the word that a release must compare-exchange, so that no release of the old one
    /// can be won any more. Returns the word of the old one.</summary>
    private long AdvancePhase(long count, long required, long forbidden)
    {
        long central = Atomic.LoadAcquire(&_words->Central);
        while (true)
        {
            if ((central & required) != required || (central & forbidden) != 0)
                throw new InvalidOperationException(DescribeRefusal(central, required, forbidden));
            long phase = CountWord.NextPhase(central);
            if (CountWord.BeginsHalf(phase))
                WaitForSettlers();
            // ORDER(revive-2) compare-exchange: the new phase is visible before its bound and its mode. Pairs with ORDER(settle-4).
            long next = CountWord.Count(central + CountWord.FromCount(count)) | phase;
            long found = Atomic.CompareExchange(&_words->Central, next, central);
            if (found == central)
                return central;
            central = found;
        }
    }

    // ORDER(revive-1) acquire. Pairs with ORDER(settle-1): a settle that saw this phase number 65,536 switches ago has left.
    // Twice a lap, because one wait leaves a gap: who enters between the wait and the new phase still sees the old
    // phase, and must be gone when that number comes again, which is before the next wait at the same place.
    private void WaitForSettlers()
    {
        Waiter waiter = Waiter.Uninterruptible;
        while (Atomic.LoadAcquire(&_words->Settlers) != 0)
            waiter.Pause();
        waiter.End();
    }

    private void EnterPercpuMode()
    {
        Atomic.StoreRelease(&_words->Bound, CountWord.Unconfirmed | CountWord.Phase(Atomic.LoadAcquire(&_words->Central)));
        // ORDER(revive-3) store-release: phase and bound before the mode. Pairs with ORDER(get-1).
        Atomic.StoreRelease(&_words->Mode, StripeLayout.PercpuWord(Number));
    }

    private void CheckAllowsReinit(string operation)
    {
        if (!HasAlways(RefWords.AllowsReinit))
            throw new InvalidOperationException($"{operation} needs a reference that was created with PercpuRefOptions.AllowReinit (or InitAtomic or InitDead, which imply it).");
    }

    private static string DescribeRefusal(long central, long required, long forbidden) => (central & (CountWord.Dead | CountWord.Released)) switch
    {
        0 => "The reference is live: there is nothing to revive. Kill it first, and for Reinit wait for its release.",
        CountWord.Dead => "The reference was killed, and is still held: Reinit needs the release (WaitForRelease, Released). Resurrect takes the kill back at once.",
        CountWord.Released when required == CountWord.Dead => "The reference is released though it was never killed: Resurrect takes a kill back. Use Reinit.",
        CountWord.Released => "The reference is released though it was never killed: a Put too many took its initial reference. Only Reinit revives it.",
        _ when forbidden != 0 => "The last reference was put before, and the reference is released: there is nothing left to resurrect. Use Reinit.",
        _ => "The reference is released.",
    };
}
