using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// The pins of stack frames: PercpuRef.TryBeginAnnouncedPin and EndAnnouncedPin, written out so that only the slow ways load the
// reference. A frame's finally has to stay below fifteen statements, else the JIT does not copy it into the normal path, and keeps what
// it needs on the stack.
public abstract unsafe partial class MappedMemory
{
    /// <summary>What a counted pin has in the place of a hazard pointer: the address of the mode word, which never holds its own
    /// address.</summary>
    internal long* Counted => (long*)_words;

    /// <summary>Begins a pin that ends on this thread, by <see cref="EndPin"/>. False once disposed.</summary>
    /// <param name="mode"><see cref="Counted"/>. The caller reads it first, then the other one, both before its first branch: see
    /// <c>Read</c>.</param>
    /// <param name="hazards">The thread's hazard line; 0 if it has none.</param>
    /// <param name="hazard">For <see cref="EndPin"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryBeginPin(long* mode, long hazards, out long* hazard)
    {
        long* word = Hazard.OfPin(hazards);
        hazard = word;
        // The first look at the mode only keeps an atomic reference from being announced, which would cost a settle each time.
        if (hazards == 0 || Atomic.LoadLocal(word) != 0 || !StripeLayout.IsPercpu(Atomic.LoadAcquire(mode)))
        {
            hazard = mode; // As Counted. Not by a callee: the JIT would keep it on the stack.
            return PercpuRef.TryGetLiveCounted(_reference);
        }
        if (!Hazard.TryAnnounce(word, mode))
        {
            hazard = mode;
            return PercpuRef.TryGetLiveLate(_reference, word);
        }
        return true;
    }

    /// <summary>Ends a pin of <c>TryBeginPin</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndPin(long* hazard)
    {
        long* mode = (long*)_words;
        // Not equal also for a copied pin that was ended before: it must not end another pin of this thread. The slow way needs this
        // object, which therefore lives until the last look at the mode.
        if (Atomic.LoadAcquire(hazard) != (long)mode || !Hazard.TryWithdraw(hazard, mode))
            EndPinSlow(hazard);
    }

    // A hazard pointer of this thread that is 0 was withdrawn just now, too late for percpu mode: so the caller has to settle. If it
    // is 0 because a copy of the pin was ended before, a settle does no harm.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndPinSlow(long* hazard)
    {
        if (hazard != Counted && Atomic.LoadLocal(hazard) == 0)
            PercpuRef.SettleLate(_reference);
        else
            _reference.Put();
        GC.KeepAlive(this);
    }
}
