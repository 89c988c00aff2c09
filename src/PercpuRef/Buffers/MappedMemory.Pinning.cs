using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// The pins of stack frames: PercpuRef.TryGetLiveHere and PutHere, written out so that only the slow ways load the reference. A frame's
// finally has to stay below fifteen statements, else the JIT does not copy it into the normal path, and keeps what it needs on the stack.
public abstract unsafe partial class MappedMemory
{
    /// <summary>What a pin has that is counted, instead of its hazard pointer: a word that never holds its own address, the mode.</summary>
    internal long* Counted => (long*)_words;

    /// <summary>Begins a pin that ends on this thread, by <see cref="EndPin"/>. False once disposed.</summary>
    /// <param name="mode"><see cref="Counted"/>, and</param>
    /// <param name="hazards">the thread's hazard line, or 0: both read by the caller, in this order and before its first branch, as in Read.</param>
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
            return PercpuRef.TryGetLiveInstead(_reference, word);
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

    // A word of its own thread that is 0 has just been withdrawn, too late for percpu mode; or a copy was, which does no harm then.
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
