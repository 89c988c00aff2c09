using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// What an operation does when the fast path did not finish it: the shared count, and the proof of zero.
public sealed unsafe partial class PercpuRef
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GetSlow(long count, long stripe)
    {
        if (CountAfterAttach(count, ref stripe))
            return;
        if (stripe > StripeSet.NoStripe)
            UndoStraggler(count, stripe);
        long before = Atomic.FetchAdd(&_words->Central, CountWord.FromCount(count));
        if ((before & CountWord.Released) == 0)
        {
            _holders?.Took(count);
            return;
        }
        UndoMisuse(CountWord.FromCount(-count));
        ObjectDisposedException.ThrowIf(Atomic.LoadAcquire(&_words->Disposed) != 0, this);
        throw Misuse("A reference was taken blindly although the count is released: the caller held none.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetSlow(long count, long stripe, long refusing)
    {
        if (CountAfterAttach(count, ref stripe))
            return true;
        if (stripe > StripeSet.NoStripe)
            UndoStraggler(count, stripe);
        bool taken = TryGetCentral(count, refusing);
        GC.KeepAlive(this);
        return taken;
    }

    private bool TryGetCentral(long count, long refusing)
    {
        // ORDER(get-4) compare-exchange on the word that holds DEAD. Pairs with ORDER(kill-1): a caller that read the
        // mode before a kill, or has no area, still cannot succeed after it.
        long central = Atomic.LoadAcquire(&_words->Central);
        while ((central & refusing) == 0)
        {
            long found = Atomic.CompareExchange(&_words->Central, central + CountWord.FromCount(count), central);
            if (found == central)
            {
                _holders?.Took(count);
                return true;
            }
            central = found;
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PutSlow(long count, long stripe)
    {
        if (CountAfterAttach(-count, ref stripe))
            return;
        _holders?.Put(count);
        if (stripe > StripeSet.NoStripe)
            Settle(); // A late put: counted, but after the scan, which took the reference for held.
        else
            PutCentral(count);
        GC.KeepAlive(this);
    }

    /// <summary>Drops references from the shared count: correct in every mode.</summary>
    private void PutCentral(long count)
    {
        long dropped = CountWord.FromCount(count);
        // ORDER(put-2) full fence between the change of central and the load of bound. Pairs with ORDER(settle-3) and
        // ORDER(kill-4), which publish a bound before they read central: one of the two sees the other.
        long central = Atomic.FetchAdd(&_words->Central, -dropped) - dropped;
        if ((central & CountWord.Released) != 0)
        {
            UndoMisuse(dropped);
            throw Misuse("A reference was put although the count is released: one put too many.");
        }
        long bound = Atomic.LoadAcquire(&_words->Bound);
        bool infinite = (bound & (CountWord.Unconfirmed | CountWord.Unknown)) != 0;
        if (infinite || !CountWord.SamePhase(bound, central) || CountWord.Count(central) + CountWord.Count(bound) > 0)
            return;
        Settle();
    }

    /// <summary>Takes back what was counted on a released reference. A reinit may have come between, and a put of the new
    /// life may have read the count meanwhile and taken the reference for held.</summary>
    private void UndoMisuse(long change)
    {
        if ((Atomic.FetchAdd(&_words->Central, change) & CountWord.Released) == 0)
            Settle();
    }

    /// <summary>Takes back an increment that came too late for percpu mode, and looks whether it hid a zero.</summary>
    private void UndoStraggler(long count, long stripe)
    {
        PercpuMeter.Straggler();
        Atomic.AddLocal((long*)stripe, -count);
        Settle();
    }

    /// <summary>
    /// The fast path once more for a thread that could not take it only because it had no area. Where there is no memory
    /// for one, the shared count serves: an operation may use it in any mode.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CountAfterAttach(long count, ref long stripe)
    {
        bool counted = PerThread.Area == 0
            && Atomic.LoadAcquire(&_words->Word) >= 0
            && PerProcess.Stripes.TryAttachThread()
            && TryCount(count, out stripe);
        GC.KeepAlive(this);
        return counted;
    }

    /// <summary>
    /// Looks whether the count is zero and, if this call is the one that proves it, releases. Everybody who changed a
    /// stripe in atomic mode, or dropped the shared count to the bound, must call it afterwards.
    /// </summary>
    private void Settle()
    {
        // ORDER(settle-1) interlocked, a full fence: our change of a stripe is visible before we scan. Pairs with the
        // scan of any other settler: of two whose scans hid each other's zero, the later one sees both changes.
        // It also counts us in, for the switch whose phase wraps; see ORDER(revive-1).
        Atomic.FetchAdd(&_words->Settlers, 1);
        Completion? life = null;
        long total = ScanAndRelease(ref life);
        Atomic.FetchAdd(&_words->Settlers, -1);
        if (total < 0)
            throw Misuse($"More references were put than taken: the count is {CountWord.ToCount(total)}.");
        if (life is not null)
            RunRelease(life);
        GC.KeepAlive(this); // Not every caller's frame holds us, and counting out of a recycled slot would break it.
    }

    /// <summary>One attempt to prove zero. Returns the total it proved, in place; sets the life it released.</summary>
    private long ScanAndRelease(ref Completion? life)
    {
        long first = Atomic.LoadAcquire(&_words->Central);
        long bound = Atomic.LoadAcquire(&_words->Bound);
        bool released = (first & CountWord.Released) != 0;
        if (!released && ((bound & CountWord.Unconfirmed) != 0 || !CountWord.SamePhase(bound, first)))
            return 0;
        // ORDER(settle-2) acquire loads, all before central is read below. Since the mode switch a stripe can only fall
        // (an undo, a late put), so the sum is at least what the stripes hold when central is read: reading central
        // later can only make the total too large, never too small.
        long sum = CountWord.FromCount(PerProcess.Stripes.Sum(_offset, &_words->Word));
        if (!released)
            LowerBound(sum, first);
        long central = Atomic.LoadAcquire(&_words->Central);
        long total = sum + CountWord.Count(central);
        if ((central & CountWord.Released) != 0 || !CountWord.SamePhase(central, first))
            return released && total < 0 && CountWord.SamePhase(central, first) ? total : 0;
        if (total != 0)
            return total;
        Completion current = Atomic.LoadReference(ref _life); // Taken before the release can be won: a reinit replaces it.
        // ORDER(settle-4) compare-exchange of count, phase and flags in one word: proves that nothing was taken, revived or
        // released since central was read. A failure needs no retry: whoever changed it settles.
        if (Atomic.CompareExchange(&_words->Central, central | CountWord.Released, central) == central)
            life = current;
        return 0;
    }

    /// <summary>Publishes a stripe sum as bound, if the phase still runs and no lower one stands there.</summary>
    private void LowerBound(long sum, long phase)
    {
        long lower = sum | CountWord.Phase(phase);
        long bound = Atomic.LoadAcquire(&_words->Bound);
        while (CountWord.SamePhase(bound, phase) && (bound & CountWord.Unconfirmed) == 0
            && ((bound & CountWord.Unknown) != 0 || sum - CountWord.Count(bound) < 0))
        {
            // ORDER(settle-3) full fence before central is read. Pairs with ORDER(put-2).
            long found = Atomic.CompareExchange(&_words->Bound, lower, bound);
            if (found == bound)
                return;
            bound = found;
        }
    }

    private void RunRelease(Completion life)
    {
        PercpuMeter.Released();
        try
        {
            _release?.Invoke(this);
        }
        catch (Exception exception)
        {
            life.Fail(exception);
            PercpuEventSource.Log.CallbackFailed("Release", exception);
            throw;
        }
        life.Succeed();
    }

    private static InvalidOperationException Misuse(string description)
    {
        PercpuEventSource.Log.Misuse(description);
        return new InvalidOperationException(description);
    }
}
