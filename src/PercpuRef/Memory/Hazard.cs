using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// A hazard pointer: a word of a thread's own hazard line that holds the address of the mode word of the reference the thread
/// holds. It stands for a count of one in the thread's stripe, and every scan of a reference that can be announced takes it for
/// that. Counting is a load, an add and a store that wait for each other; announcing is a store. It serves pins that cannot leave
/// their thread.
/// </summary>
/// <remarks>The steps and their order are those of a count: a look at the mode, the store, the look that decides.</remarks>
internal static unsafe class Hazard
{
    /// <summary>Where in a thread's hazard line the hazard pointer of a visit lies. No mode word or limit has its position in a
    /// line, nor that of the other one: a load of it would wait for our store; see <see cref="StripeLayout.IndexOf"/>.</summary>
    internal const long VisitOffset = 3 * sizeof(long);

    /// <summary>Where the hazard pointer of a stack frame's pin lies.</summary>
    internal const long PinOffset = 7 * sizeof(long);

    /// <summary>Where the thread's mark lies, by which pools know it; 0 until it has rented. See <c>ThreadMarks</c>.</summary>
    internal const long MarkOffset = 0;

    /// <summary>The word for the mark.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfMark(long hazards) => (long*)(hazards + MarkOffset);

    /// <summary>The word for a visit: a few instructions, which no other visit of the thread can interrupt.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfVisit(long hazards) => (long*)(hazards + VisitOffset);

    /// <summary>The word for a pin of a stack frame; may be taken already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfPin(long hazards) => (long*)(hazards + PinOffset);

    /// <summary>Announces a reference that was just seen in percpu mode. False: it is so no longer, and the caller has to
    /// withdraw and to settle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAnnounce(long* hazard, long* mode)
    {
        Atomic.StoreLocal(hazard, (long)mode);
        Atomic.LightFence(); // ORDER(get-2)
        return StripeLayout.IsPercpu(Atomic.LoadAcquire(mode)); // ORDER(get-1): this is the look that decides.
    }

    /// <summary>Ends what was announced. False: the mode has changed, and the caller has to settle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryWithdraw(long* hazard, long* mode)
    {
        Atomic.StoreRelease(hazard, 0); // ORDER(put-1)
        Atomic.LightFence(); // ORDER(get-2)
        return StripeLayout.IsPercpu(Atomic.LoadAcquire(mode));
    }
}
