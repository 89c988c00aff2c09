using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// A hazard pointer: a word in the thread's own hazard line. It holds the address of the mode word of a reference, and so
/// announces that the thread holds that reference; or 0. Every scan of a reference that can be announced takes it for a count of
/// one in the thread's stripe. Counting is a load, an add and a store that wait for each other; announcing is a store. It serves
/// pins that end on the thread where they began. A thread has two hazard pointers: one for the pin of a stack frame, and one for an
/// access, which pins for a single value.
/// </summary>
/// <remarks>The steps and their order are those of a count: a first look at the mode, the store, a second look, which decides.</remarks>
internal static unsafe class Hazard
{
    /// <summary>Where in a thread's hazard line the hazard pointer of an access lies. At this position, and at that of
    /// <see cref="PinOffset"/>, no line has a mode word or a limit: a load of such a word would wait for our store; see
    /// <see cref="StripeLayout.IndexOf"/>.</summary>
    internal const long AccessOffset = 3 * sizeof(long);

    /// <summary>Where the hazard pointer of a stack frame's pin lies.</summary>
    internal const long PinOffset = 7 * sizeof(long);

    /// <summary>Where the thread's mark lies, by which pools of slabs know the thread; 0 until it has rented. See
    /// <c>ThreadMarks</c>.</summary>
    internal const long MarkOffset = 0;

    /// <summary>The word for the mark.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfMark(long hazards) => (long*)(hazards + MarkOffset);

    /// <summary>The hazard pointer for an access. It is free: an access is a few instructions, and no other access of the thread can come between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfAccess(long hazards) => (long*)(hazards + AccessOffset);

    /// <summary>The hazard pointer for the pin of a stack frame; an outer pin of the thread may have it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* OfPin(long hazards) => (long*)(hazards + PinOffset);

    /// <summary>Announces a reference that was just seen in percpu mode. False when it is no longer in that mode: then the caller has
    /// to withdraw the announcement and to settle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAnnounce(long* hazard, long* mode)
    {
        Atomic.StoreLocal(hazard, (long)mode);
        Atomic.LightFence(); // ORDER(get-2)
        return StripeLayout.IsPercpu(Atomic.LoadAcquire(mode)); // ORDER(get-1): this is the look that decides.
    }

    /// <summary>Withdraws an announcement. False when the mode has changed: then the caller has to settle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryWithdraw(long* hazard, long* mode)
    {
        Atomic.StoreRelease(hazard, 0); // ORDER(put-1)
        Atomic.LightFence(); // ORDER(get-2)
        return StripeLayout.IsPercpu(Atomic.LoadAcquire(mode));
    }
}
