using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>
/// A reference count whose get and put cost about a nanosecond on any number of cores, and whose release is exact:
/// after <see cref="Kill"/> it runs once, when the last reference is put.
/// </summary>
/// <remarks>
/// <para>Kernel: <c>struct percpu_ref</c>. A new reference holds one count, its initial reference, which
/// <see cref="Kill"/> drops.</para>
/// <para>How it works. In percpu mode a get or put adds to a word that only its own thread writes, between two loads
/// of the mode: no shared line is written, so threads do not disturb each other. A kill turns the mode to atomic,
/// fences every thread of the process once, and sums the private words; from then on operations use one shared count.
/// Whoever was between the two loads sees the new mode at the second one, undoes its own increment, and looks again
/// whether the count is zero, so nobody ever waits for a preempted thread. <c>docs/design.md</c> gives the argument,
/// <c>docs/memory-model.md</c> has a row for every ORDER tag.</para>
/// <para>Thread-safety: every member may be called from any thread at any time. A reference may be got on one thread
/// and put on another. At most 2^45 - 1 references may be held at once.</para>
/// </remarks>
public sealed unsafe partial class PercpuRef : IDisposable
{
    /// <summary>The largest number of references that one call takes or drops: 2^40.</summary>
    public const long MaxBatch = 1L << 40;

    private readonly RefWords* _words;

    // The release callback, or null; or a RefLife, which has it: from the start if there may be more lives than one, else once
    // somebody asks for the end.
    private object? _end;

    /// <summary>Creates a live reference that holds one count, unless <paramref name="options"/> say otherwise.</summary>
    /// <param name="release">Runs once per life on the thread that proves that the count is zero: usually in the last
    /// put, sometimes in the kill, rarely in a failing <see cref="TryGet()"/>. May call any operation of any reference.</param>
    /// <param name="options">Starting mode, and whether the reference may be revived.</param>
    /// <exception cref="ArgumentOutOfRangeException">An undefined option.</exception>
    /// <exception cref="OutOfMemoryException">No memory for its words.</exception>
    /// <remarks>Kernel: <c>percpu_ref_init</c>.</remarks>
    public PercpuRef(Action<PercpuRef>? release = null, PercpuRefOptions options = PercpuRefOptions.None)
        : this(release, options, announced: false)
    {
    }

    /// <summary>The same, for a layer that may announce pins of it: every scan of it then reads the hazard pointers.</summary>
    internal PercpuRef(Action<PercpuRef>? release, PercpuRefOptions options, bool announced)
    {
        const PercpuRefOptions all = PercpuRefOptions.InitAtomic | PercpuRefOptions.InitDead | PercpuRefOptions.AllowReinit | PercpuRefOptions.TrackHolders;
        if ((options & ~all) != 0)
            throw new ArgumentOutOfRangeException(nameof(options), options, "Undefined PercpuRefOptions.");
        PercpuMeter.Create();
        WatchCollections();
        bool tracks = HolderTable.Attach(this, options);
        bool dead = (options & PercpuRefOptions.InitDead) != 0;
        long state = ((options & ~PercpuRefOptions.TrackHolders) != 0 ? RefWords.AllowsReinit : 0)
            | (tracks || (options & PercpuRefOptions.InitAtomic) != 0 ? RefWords.StaysAtomic : 0)
            | (announced ? RefWords.CanBeAnnounced : 0);
        // In atomic mode every get and put writes the line: a reference that starts in it, or may enter it and return, has a line alone.
        bool hasLine = state != 0;
        bool atomic = dead || (state & RefWords.StaysAtomic) != 0;
        _end = (state & RefWords.AllowsReinit) != 0 ? new RefLife(release) : release;

        StripeSet stripes = PerProcess.Stripes;
        SlotPool slots = hasLine ? stripes.ReferenceLines : stripes.References;
        Slot slot = slots.Rent(this, RefBalance.Instance);
        // An earlier reference on this slot left a sum in the stripes, and its negative here. The collector has stopped every
        // thread since anyone could change it, so starting from there makes this reference count like a fresh one.
        _words = (RefWords*)slot.Words;
        long balance = CountWord.Count(Atomic.LoadAcquire(&_words->Central));
        Atomic.StoreRelease(&_words->State, state | (hasLine ? RefWords.HasLine : 0));
        if (hasLine)
        {
            Atomic.StoreRelease(&_words->Settlers, 0);
            Atomic.StoreRelease(&_words->Limit, 0);
        }
        Atomic.StoreRelease(&_words->Central, (balance + CountWord.FromCount(dead ? 0 : 1)) | (dead ? CountWord.Dead | CountWord.Released : 0));
        Atomic.StoreRelease(&_words->Bound, atomic ? -balance : CountWord.Unconfirmed);
        Atomic.StoreRelease(&_words->Mode, atomic ? StripeLayout.AtomicWord(slot.Number) : StripeLayout.PercpuWord(slot.Number));
        if (dead)
            ((RefLife)_end!).Succeed();
        GC.KeepAlive(this); // A caller may drop the new reference: its slot must not be recycled before the last store.
        slots.ReportDropped();
    }

    /// <summary>Takes one more reference. The caller must hold one already.</summary>
    /// <exception cref="InvalidOperationException">The reference is released: the caller held none.</exception>
    /// <exception cref="ObjectDisposedException">The reference is released and disposed.</exception>
    /// <remarks>Legal while dying. Never blocks, never allocates but for a thread's first. Kernel: <c>percpu_ref_get</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Get()
    {
        if (!TryCount(1, out long stripe))
            GetSlow(1, stripe);
        GC.KeepAlive(this);
    }

    /// <summary>Takes <paramref name="count"/> more references at once; see <see cref="Get()"/>.</summary>
    /// <param name="count">1 to <see cref="MaxBatch"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The reference is released: the caller held none.</exception>
    /// <exception cref="ObjectDisposedException">The reference is released and disposed.</exception>
    /// <remarks>Kernel: <c>percpu_ref_get_many</c>.</remarks>
    public void GetMany(long count)
    {
        CheckBatch(count);
        if (!TryCount(count, out long stripe))
            GetSlow(count, stripe);
        GC.KeepAlive(this);
    }

    /// <summary>Takes a reference unless the count is released. Succeeds on a dying reference that is still held.</summary>
    /// <returns>False once released.</returns>
    /// <remarks>Never blocks. A failing call may be the one that proves zero and then runs the release callback.
    /// Kernel: <c>percpu_ref_tryget</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet()
    {
        if (!TryCount(1, out long stripe))
            return TryGetSlow(1, stripe, CountWord.Released);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Takes <paramref name="count"/> references or none; see <see cref="TryGet()"/>.</summary>
    /// <param name="count">1 to <see cref="MaxBatch"/>.</param>
    /// <returns>False once released.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    /// <remarks>Kernel: <c>percpu_ref_tryget_many</c>.</remarks>
    public bool TryGetMany(long count)
    {
        CheckBatch(count);
        bool taken = TryCount(count, out long stripe) || TryGetSlow(count, stripe, CountWord.Released);
        GC.KeepAlive(this);
        return taken;
    }

    /// <summary>Takes a reference unless it was killed. After <see cref="Kill"/> has returned no call succeeds any
    /// more, not even one that began before.</summary>
    /// <returns>False once killed or released.</returns>
    /// <remarks>Never blocks. This is how a reader pins. Kernel: <c>percpu_ref_tryget_live</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetLive()
    {
        if (!TryCount(1, out long stripe))
            return TryGetSlow(1, stripe, CountWord.Dead | CountWord.Released);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Takes <paramref name="count"/> references or none; see <see cref="TryGetLive()"/>.</summary>
    /// <param name="count">1 to <see cref="MaxBatch"/>.</param>
    /// <returns>False once killed or released.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    public bool TryGetLiveMany(long count)
    {
        CheckBatch(count);
        bool taken = TryCount(count, out long stripe) || TryGetSlow(count, stripe, CountWord.Dead | CountWord.Released);
        GC.KeepAlive(this);
        return taken;
    }

    /// <summary>Drops a reference. The last one after a kill runs the release callback before it returns.</summary>
    /// <exception cref="InvalidOperationException">One put too many, where it can be seen: in atomic mode or at the
    /// release. It is also reported as an event.</exception>
    /// <remarks>Never blocks. In percpu mode a put never releases, even when nothing is held. An exception of the
    /// release callback reaches the caller. Kernel: <c>percpu_ref_put</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put()
    {
        // TryCount written out, with its ORDER(get-1), ORDER(put-1) and ORDER(get-2): as a call it is too large for the JIT to
        // copy into the normal path of a caller's finally, where most puts are, and costs three times as much there.
        long* mode = (long*)_words;
        if (RuntimeFeature.IsDynamicCodeCompiled && PerCpu.InUse) // PerCpu.IsInlined, whose statements would count in that finally.
        {
            if (!PerCpu.TryAdd(mode, -1))
                PutSlow(1, stripe: 0);
            GC.KeepAlive(this);
            return;
        }
        long area = PerThread.Area;
        long word = Atomic.LoadAcquire(mode);
        long stripe = area + word;
        if (stripe > 0)
        {
            Atomic.AddLocalRelease((long*)stripe, -1);
            Atomic.LightFence();
            if (Atomic.LoadAcquire(mode) == word)
                return; // No KeepAlive: the slow way needs this object, which therefore lives until this look at the mode, the last.
        }
        PutSlow(1, stripe);
    }

    /// <summary>Drops <paramref name="count"/> references at once; see <see cref="Put()"/>.</summary>
    /// <param name="count">1 to <see cref="MaxBatch"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">More were put than held, where it can be seen.</exception>
    /// <remarks>Kernel: <c>percpu_ref_put_many</c>.</remarks>
    public void PutMany(long count)
    {
        CheckBatch(count);
        if (!TryCount(-count, out long stripe))
            PutSlow(count, stripe);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// The fast path of every operation: adds to this thread's stripe, between two loads of the mode; or, with stripes per CPU,
    /// to this processor's, in one section.
    /// </summary>
    /// <param name="count">What to add.</param>
    /// <param name="stripe">The address counted at, for the slow path: 0 or below when nothing was counted (atomic mode, or
    /// the thread has no area).</param>
    /// <returns>True if the operation is done. False with a stripe: it was counted, but the mode changed meanwhile.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryCount(long count, out long stripe)
    {
        long* mode = (long*)_words; // The address of Mode, by a cast: of a field's address the JIT checks the base for null.
        if (RuntimeFeature.IsDynamicCodeCompiled && PerCpu.InUse)
        {
            stripe = 0;
            return PerCpu.TryAdd(mode, count); // The look at the mode is in it, and no second one is needed: ORDER(section-1).
        }
        // The area is read before the first branch, else the JIT does not hoist the thread-static access out of loops.
        long area = PerThread.Area;
        // ORDER(get-1) acquire. Pairs with ORDER(revive-3): who sees percpu mode again also sees the new phase.
        long word = Atomic.LoadAcquire(mode);
        stripe = area + word;
        if (stripe <= 0)
            return false;
        // ORDER(put-1) store-release, for a put: what the holder read and wrote comes before the lower count. Pairs with
        // ORDER(settle-2): who finds the count zero may free what was pinned. A get needs none; on x64 it is the same instruction.
        Atomic.AddLocalRelease((long*)stripe, count);
        // ORDER(get-2) light fence. Pairs with ORDER(kill-3), the process-wide fence. If our add comes before that fence,
        // the kill's scan sees it. If it comes after, then so does the load below, which sees atomic mode.
        Atomic.LightFence();
        return Atomic.LoadAcquire(mode) == word;
    }

    private static void CheckBatch(long count)
    {
        if (count is < 1 or > MaxBatch)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"A batch is 1 to {MaxBatch} references.");
    }
}
