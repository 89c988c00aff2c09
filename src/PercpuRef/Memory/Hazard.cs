using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// A hazard pointer: a word of a thread's own area that holds the address of the mode word of the reference the thread
/// holds. It stands for a count of one in the thread's stripe, and every scan takes it for that. Counting is a load, an add
/// and a store that wait for each other; announcing is a store. It serves pins that cannot leave their thread.
/// </summary>
/// <remarks>The steps and their order are those of a count: a look at the mode, the store, the look that decides.</remarks>
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
    internal static bool TryAnnounce(long* hazard, long* mode)
    {
        Atomic.StoreLocal(hazard, (long)mode);
        Atomic.LightFence(); // ORDER(get-2)
        return Atomic.LoadAcquire(mode) >= 0; // ORDER(get-1): this is the look that decides.
    }

    /// <summary>Ends what was announced. False: the mode has changed, and the caller has to settle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryWithdraw(long* hazard, long* mode)
    {
        Atomic.StoreRelease(hazard, 0); // ORDER(put-1)
        Atomic.LightFence(); // ORDER(get-2)
        return Atomic.LoadAcquire(mode) >= 0;
    }
}
