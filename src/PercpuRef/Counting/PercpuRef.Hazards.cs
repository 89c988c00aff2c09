using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// Pins that cannot leave their thread, for the layers above: announced by a hazard pointer instead of counted.
public sealed unsafe partial class PercpuRef
{
    private bool _hasLimit;

    /// <summary>The shared words, for a layer that visits; valid as long as this object is.</summary>
    internal RefWords* Words => _words;

    /// <summary>Lets visits begin that stay below a limit, until the mode changes. Before others see this object.</summary>
    internal void AllowVisits(long limit)
    {
        if (!IsPercpu)
            return; // Tracked: every visit takes the slow path.
        _hasLimit = true;
        Atomic.StoreRelease(&_words->Limit, limit);
    }

    /// <summary>What a visit does that could not begin: takes a counted reference, to be dropped by <see cref="Put"/>.</summary>
    /// <param name="area">This thread's area if the visit was announced, else 0.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool TryGetLiveAfterVisit(long area)
    {
        if (area != 0)
            UndoHazard(Hazard.OfVisit(area));
        return TryGetLive();
    }

    /// <summary>What a visit does that ended when the mode had changed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void EndVisitSlow() => Settle();

    /// <summary>What stands for no hazard pointer: a word that never holds the address of the words, the mode.</summary>
    internal long* Counted => (long*)_words;

    /// <summary><see cref="TryGetLive"/> for a caller that ends the pin on the same thread, by <see cref="PutHere"/>.</summary>
    /// <param name="hazard">For <see cref="PutHere"/>: the word that announces the pin; for one that is counted, since another
    /// pin of this thread has that word, or the mode is atomic, <see cref="Counted"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryGetLiveHere(out long* hazard)
    {
        long* mode = (long*)_words;
        long area = PerThread.Area;
        long* word = Hazard.OfPin(area);
        hazard = mode; // As Counted. Not by a callee: the JIT would keep it on the stack.
        // The first look at the mode only keeps an atomic reference from being announced, which would cost a settle each time.
        if (area == 0 || Atomic.LoadLocal(word) != 0 || Atomic.LoadAcquire(mode) < 0)
            return TryGetLiveCounted();
        if (!Hazard.TryAnnounce(word, mode))
            return TryGetLiveAfterPin(word);
        hazard = word;
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Ends a pin of <see cref="TryGetLiveHere"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void PutHere(long* hazard)
    {
        long* mode = (long*)_words;
        // Not equal also for a copied pin that was ended before: it must not end another pin of this thread.
        if (Atomic.LoadAcquire(hazard) != (long)mode)
            PutCounted();
        else if (!Hazard.TryWithdraw(hazard, mode))
            EndVisitSlow();
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetLiveCounted() => TryGetLive();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetLiveAfterPin(long* hazard)
    {
        UndoHazard(hazard);
        return TryGetLive();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PutCounted() => Put();

    /// <summary>Takes back an announcement that came too late for percpu mode, and looks whether it hid a zero.</summary>
    private void UndoHazard(long* hazard)
    {
        PercpuMeter.Straggler();
        Atomic.StoreRelease(hazard, 0);
        Settle();
    }
}
