using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// Announced pins, for the layers above: they end on their thread, and a hazard pointer stands for their count.
public sealed unsafe partial class PercpuRef
{
    /// <summary>The shared words, for a layer with announced accesses; valid as long as this object lives.</summary>
    internal RefWords* Words => _words;

    /// <summary>Allows announced accesses below a limit, until the mode changes. To be called before others see this object, which
    /// was made to be announced.</summary>
    internal void AllowAccesses(long limit)
    {
        if (IsPercpu) // Else its holders are tracked: every access takes the slow path.
            Atomic.StoreRelease(&_words->Limit, limit);
    }

    /// <summary><see cref="TryGetLive()"/> for a caller whose announcement came too late for percpu mode. Withdraws it, and settles:
    /// a scan may have counted it, and taken the reference for held.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryGetLiveLate(PercpuRef reference, long* hazard)
    {
        PercpuMeter.Straggler();
        Atomic.StoreRelease(hazard, 0);
        reference.Settle();
        return reference.TryGetLive();
    }

    /// <summary>For a caller that withdrew an announcement after the mode had changed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void SettleLate(PercpuRef reference) => reference.Settle();

    /// <summary>What a counted pin has in the place of a hazard pointer: the address of the mode word, which never holds its own
    /// address.</summary>
    internal long* Counted => (long*)_words;

    /// <summary><see cref="TryGetLive()"/> for a caller that keeps itself alive and ends the pin on the same thread, by
    /// <see cref="EndAnnouncedPin"/>. Announces the pin if it can, else counts it.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="mode">The address of its mode word.</param>
    /// <param name="hazards">This thread's hazard line; 0 if it has none.</param>
    /// <param name="hazard">For <see cref="EndAnnouncedPin"/>: the hazard pointer of an announced pin. A pin is counted if another pin of
    /// this thread has the hazard pointer, or the mode is atomic: then <see cref="Counted"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryBeginAnnouncedPin(PercpuRef reference, long* mode, long hazards, out long* hazard)
    {
        long* word = Hazard.OfPin(hazards);
        hazard = mode; // As Counted. Not by a callee: the JIT would keep it on the stack.
        // The first look at the mode only keeps an atomic reference from being announced, which would cost a settle each time.
        if (hazards == 0 || Atomic.LoadLocal(word) != 0 || !StripeLayout.IsPercpu(Atomic.LoadAcquire(mode)))
            return TryGetLiveCounted(reference);
        if (!Hazard.TryAnnounce(word, mode))
            return TryGetLiveLate(reference, word);
        hazard = word;
        return true;
    }

    /// <summary>Ends a pin of <see cref="TryBeginAnnouncedPin"/>, for a caller that keeps itself alive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void EndAnnouncedPin(PercpuRef reference, long* mode, long* hazard)
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
