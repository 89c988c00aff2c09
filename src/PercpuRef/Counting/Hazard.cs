using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>
/// A hazard pointer: a word of a thread's own area in which the thread writes the address of the reference it holds. It
/// stands for a count of one in the thread's stripe, and every scan takes it for that. Announcing is a store where
/// counting is a load, an add and a store, each waiting for the one before; so it is for pins that cannot leave their thread.
/// </summary>
/// <remarks>The steps and their order are those of <see cref="PercpuRef.TryGetLive"/> and <see cref="PercpuRef.Put"/>.</remarks>
internal static unsafe class Hazard
{
    /// <summary>The word for a visit: a few instructions, which no other visit of the thread can interrupt.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfVisit(long area) => (long*)(area + StripeSet.VisitHazard);

    /// <summary>The word for a pin of a stack frame; may be taken already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfPin(long area) => (long*)(area + StripeSet.PinHazard);

    /// <summary>Announces a reference that was just seen in percpu mode. False: it is so no longer, and the caller has to
    /// withdraw and to settle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAnnounce(long* hazard, RefWords* words)
    {
        Atomic.StoreLocal(hazard, (long)words);
        Atomic.LightFence(); // ORDER(get-2)
        return Atomic.LoadAcquire((long*)words) >= 0; // ORDER(get-1): this is the look that decides.
    }

    /// <summary>Ends what was announced. False: the mode has changed, and the caller has to settle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryWithdraw(long* hazard, RefWords* words)
    {
        Atomic.StoreRelease(hazard, 0); // ORDER(put-1)
        Atomic.LightFence(); // ORDER(get-2)
        return Atomic.LoadAcquire((long*)words) >= 0;
    }
}
