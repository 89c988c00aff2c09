using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// A pin of a few instructions, for a layer above that reads or writes one value.
public sealed unsafe partial class PercpuRef
{
    /// <summary>
    /// <see cref="TryGetLive"/> for a caller that ends the visit on the same thread before it does anything else with any
    /// reference. Then the put is a store of what was there before: an operation waits for its own stripe once, not twice,
    /// and the caller reads the area before its own first branch, so that the JIT takes it out of the caller's loop.
    /// </summary>
    /// <param name="area">This thread's area, or 0.</param>
    /// <param name="stripe">For <see cref="EndVisit"/>, or, after false, for <see cref="TryBeginVisitSlow"/>.</param>
    /// <param name="before">For <see cref="EndVisit"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryBeginVisit(long area, out long stripe, out long before)
    {
        long* mode = (long*)_words;
        long word = Atomic.LoadAcquire(mode); // ORDER(get-1)
        stripe = area + word;
        before = 0;
        if (stripe <= StripeSet.NoStripe)
            return false;
        before = Atomic.LoadLocal((long*)stripe);
        Atomic.StoreLocal((long*)stripe, before + 1);
        Atomic.LightFence(); // ORDER(get-2)
        return Atomic.LoadAcquire(mode) == word;
    }

    /// <summary>What a visit does that could not begin fast. True: a reference is held, to be dropped by <see cref="Put"/>.</summary>
    internal bool TryBeginVisitSlow(long stripe) => TryGetSlow(1, stripe, CountWord.Dead | CountWord.Released);

    /// <summary>Drops what <see cref="TryBeginVisit"/> took.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndVisit(long area, long stripe, long before)
    {
        Atomic.StoreRelease((long*)stripe, before); // ORDER(put-1)
        Atomic.LightFence(); // ORDER(get-2)
        if (area + Atomic.LoadAcquire((long*)_words) != stripe)
            PutSlow(1, stripe);
        GC.KeepAlive(this);
    }
}
