using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// Pins that cannot leave their thread, for the layers above: announced by a hazard pointer instead of counted.
public sealed unsafe partial class PercpuRef
{
    /// <summary>The shared words, for a layer that visits; valid as long as this object is.</summary>
    internal RefWords* Words => _words;

    /// <summary>Lets visits begin that stay below a limit, until the mode changes. Before others see this object, which is one that
    /// may be announced.</summary>
    internal void AllowVisits(long limit)
    {
        if (IsPercpu) // Else tracked: every visit takes the slow path.
            Atomic.StoreRelease(&_words->Limit, limit);
    }

    /// <summary><see cref="TryGetLive()"/> for a caller whose announcement came too late for percpu mode: takes it back, and looks
    /// whether it hid a zero.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryGetLiveInstead(PercpuRef reference, long* hazard)
    {
        PercpuMeter.Straggler();
        Atomic.StoreRelease(hazard, 0);
        reference.Settle();
        return reference.TryGetLive();
    }

    /// <summary>What is left to do for an announcement that was withdrawn when the mode had changed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void SettleLate(PercpuRef reference) => reference.Settle();

    /// <summary>What stands for no hazard pointer: a word that never holds the address of the words, the mode.</summary>
    internal long* Counted => (long*)_words;

    /// <summary><see cref="TryGetLive()"/> for a caller that ends the pin on the same thread, by <see cref="PutHere"/>, and keeps itself
    /// alive.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="mode">The address of its mode word.</param>
    /// <param name="hazards">This thread's hazard line; 0 if it has none.</param>
    /// <param name="hazard">For <see cref="PutHere"/>: the word that announces the pin; for one that is counted, since another
    /// pin of this thread has that word, or the mode is atomic, <see cref="Counted"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryGetLiveHere(PercpuRef reference, long* mode, long hazards, out long* hazard)
    {
        long* word = Hazard.OfPin(hazards);
        hazard = mode; // As Counted. Not by a callee: the JIT would keep it on the stack.
        // The first look at the mode only keeps an atomic reference from being announced, which would cost a settle each time.
        if (hazards == 0 || Atomic.LoadLocal(word) != 0 || !StripeLayout.IsPercpu(Atomic.LoadAcquire(mode)))
            return TryGetLiveCounted(reference);
        if (!Hazard.TryAnnounce(word, mode))
            return TryGetLiveInstead(reference, word);
        hazard = word;
        return true;
    }

    /// <summary>Ends a pin of <see cref="TryGetLiveHere"/>, for a caller that keeps itself alive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void PutHere(PercpuRef reference, long* mode, long* hazard)
    {
        // Not equal also for a copied pin that was ended before: it must not end another pin of this thread.
        if (Atomic.LoadAcquire(hazard) != (long)mode)
            PutCounted(reference);
        else if (!Hazard.TryWithdraw(hazard, mode))
            SettleLate(reference);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryGetLiveCounted(PercpuRef reference)
    {
        // A count gives a thread its hazard line together with its area. With stripes per CPU it needs none.
        if (PerCpu.InUse && PerThread.Hazards == 0)
            PerProcess.Stripes.TryAttachThread();
        return reference.TryGetLive();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void PutCounted(PercpuRef reference) => reference.Put();
}
