using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// What an operation does when the fast path did not finish it: the shared count, and the proof of zero.
public sealed unsafe partial class PercpuRef
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void GetSlow(long count, long stripe)
    {
        if (CountAfterAttach(count, ref stripe))
            return;
        if (stripe > 0)
            UndoStraggler(count, stripe);
        long before = Atomic.FetchAdd(&_words->Central, CountWord.FromCount(count));
        if ((before & CountWord.Released) == 0)
        {
            HolderTable.Of(this)?.Took(count);
            return;
        }
        UndoMisuse(CountWord.FromCount(-count));
        ObjectDisposedException.ThrowIf(Has(RefWords.Disposed), this);
        throw Misuse("Get takes one more reference beside one that is held, and none is: this one is released. Use TryGetLive.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool TryGetSlow(long count, long stripe, long refusing)
    {
        if (CountAfterAttach(count, ref stripe))
            return true;
        if (stripe > 0)
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
                HolderTable.Of(this)?.Took(count);
                return true;
            }
            central = found;
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void PutSlow(long count, long stripe)
    {
        if (CountAfterAttach(-count, ref stripe))
            return;
        HolderTable.Of(this)?.Put(count);
        if (stripe > 0)
            SettleLatePut(); // Counted, but after the scan, which took the reference for held.
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
        Settle(scans: true); // Who put too many is told by the event: this caller has done nothing wrong.
    }

    /// <summary>
    /// The fast path once more for a thread that could not take it only because it had no area. Where there is no memory
    /// for one, the shared count serves: an operation may use it in any mode. With stripes per CPU, compiled ahead of time,
    /// this is the one way to the section.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CountAfterAttach(long count, ref long stripe)
    {
        bool counted = PerCpu.InUse
            ? !PerCpu.IsInlined && PerCpu.TryAdd((long*)_words, count)
            : PerThread.Area == 0
                && StripeLayout.IsPercpu(Atomic.LoadAcquire(&_words->Mode))
                && PerProcess.Stripes.TryAttachThread()
                && TryCount(count, out stripe);
        GC.KeepAlive(this);
        return counted;
    }

    /// <summary>
    /// Looks whether the count is zero and, if this call is the one that proves it, releases. Everybody who changed a
    /// stripe in atomic mode, or dropped the shared count to the bound, must call it afterwards.
    /// </summary>
    private void Settle() => ThrowIfNegative(Settle(scans: false));

    /// <summary>The same after a put that came too late for percpu mode.</summary>
    private void SettleLatePut() => ThrowIfNegative(Settle(scans: true));

    /// <param name="scans">For who changed a stripe: an earlier scan may not have seen it. What it found is at most too large, which is
    /// enough to find every right release; but of puts too many only the last such scan sees them all.</param>
    /// <returns>The count, if it is proved to be negative, which is told already; else what does not matter.</returns>
    private long Settle(bool scans)
    {
        // ORDER(settle-1) interlocked, a full fence: our change of a stripe is visible before we scan. Pairs with the
        // scan of any other settler: of two whose scans hid each other's zero, the later one sees both changes.
        // It also counts us in, for the switch whose phase wraps; see ORDER(revive-1). Without revivals the phase stays.
        bool counted = HasAlways(RefWords.HasLine);
        if (counted)
            Atomic.FetchAdd(&_words->Settlers, 1);
        else
            Atomic.FullFence();
        bool released = false;
        RefLife? life = null;
        long total = ScanAndRelease(scans, ref released, ref life);
        if (counted)
            Atomic.FetchAdd(&_words->Settlers, -1);
        if (total < 0)
        {
            Set(RefWords.Unbalanced);
            PercpuEventSource.Log.Misuse(Negative(total));
        }
        if (released)
            RunRelease(life);
        GC.KeepAlive(this); // Not every caller's frame holds us, and counting out of a recycled slot would break it.
        return total;
    }

    private static void ThrowIfNegative(long total)
    {
        if (total < 0)
            throw new InvalidOperationException(Negative(total));
    }

    private const string PutTooMany = "somewhere, maybe long ago, a Put had no get before it, or a copy of a pin was disposed too. The release callback will not run.";

    private static string Negative(long total) => $"More references were put than taken: the count is {CountWord.ToCount(total)}; {PutTooMany}";

    /// <summary>One attempt to prove zero. Returns the total it proved, in place; sets whether it released, and the life.</summary>
    private long ScanAndRelease(bool scans, ref bool won, ref RefLife? life)
    {
        long first = Atomic.LoadAcquire(&_words->Central);
        long bound = Atomic.LoadAcquire(&_words->Bound);
        bool released = (first & CountWord.Released) != 0;
        if (!released && ((bound & CountWord.Unconfirmed) != 0 || !CountWord.SamePhase(bound, first)))
            return 0;
        // What an earlier scan of this phase found is as good as a scan of our own, if it proves zero.
        long sum = CountWord.Count(bound);
        if (scans || released || (bound & CountWord.Unknown) != 0 || sum + CountWord.Count(first) != 0)
        {
            // ORDER(settle-2) acquire loads, all before central is read below. Since the mode switch a stripe can only fall
            // (an undo, a late put), and a hazard pointer only be taken back, so the sum is at least what they hold when central
            // is read: reading central later can only make the total too large, never too small.
            sum = CountWord.FromCount(SumStripes());
            if (!released)
                LowerBound(sum, first);
        }
        long central = Atomic.LoadAcquire(&_words->Central);
        long total = sum + CountWord.Count(central);
        if (!CountWord.SamePhase(central, first))
            return 0;
        if ((central & CountWord.Released) != 0)
            return Math.Min(total, 0); // The total is never too small: somebody put too many, before the release or after.
        if (total != 0)
            return total;
        RefLife? current = Atomic.LoadReference(ref _end) as RefLife; // Taken before the release can be won: a reinit replaces it.
        // ORDER(settle-4) compare-exchange of count, phase and flags in one word: proves that nothing was taken, revived or
        // released since central was read. A failure needs no retry: whoever changed it settles.
        if (Atomic.CompareExchange(&_words->Central, central | CountWord.Released, central) == central)
        {
            won = true;
            life = current;
        }
        return 0;
    }

    /// <summary>The stripes, and the hazard pointers if there can be any, in either order. A holder that moves from one to the other
    /// takes the second before it gives up the first. If it took the second before the fence, the scan finds it in either order;
    /// after the fence it took a count of central, which is read last.</summary>
    private long SumStripes()
    {
        StripeSet stripes = PerProcess.Stripes;
        long sum = stripes.Sum(StripeLayout.PlaceOf(Number));
        return HasAlways(RefWords.CanBeAnnounced) ? sum + stripes.CountHazards((long*)_words) : sum;
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

    private static InvalidOperationException Misuse(string description)
    {
        PercpuEventSource.Log.Misuse(description);
        return new InvalidOperationException(description);
    }
}
