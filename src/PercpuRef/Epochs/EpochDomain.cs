using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>
/// Readers that cost a nanosecond and never wait, and writers that wait until every reader that could still see what
/// they unlinked has left: read-copy-update for .NET.
/// </summary>
/// <remarks>
/// <para>Kernel: RCU (<c>rcu_read_lock</c>, <c>synchronize_rcu</c>, <c>call_rcu</c>); liburcu's memb flavour.</para>
/// <para>A reader announces the domain's epoch in a word that only its thread writes. A grace period advances the
/// epoch, fences every thread of the process once, and waits until every announced epoch is the new one or none. If a
/// reader's announcement comes before that fence, the wait sees it. If it comes after, so do all reads of that section,
/// and they find what was unlinked gone. Either way nothing is reclaimed under a reader.</para>
/// <para>Thread-safety: every member may be called from any thread at any time.</para>
/// </remarks>
public sealed unsafe partial class EpochDomain : IDisposable, ISlotOwner
{
    /// <summary>The lowest bit of the epoch; below it the nesting depth.</summary>
    private const long EpochStep = EpochReader.DepthMask + 1;

    private readonly EpochWords* _words;
    private readonly long _place;
    private readonly long _number;
    private readonly bool _background;
    private readonly long _stallMilliseconds;

    /// <summary>Creates a domain. Domains do not wait for each other's readers.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="EpochDomainOptions.StallReportAfter"/> is not positive.</exception>
    /// <exception cref="OutOfMemoryException">No memory for its words.</exception>
    public EpochDomain(EpochDomainOptions? options = null)
    {
        options ??= new EpochDomainOptions();
        if (options.StallReportAfter <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(options), options.StallReportAfter, "StallReportAfter must be positive.");
        _background = options.BackgroundReclaim;
        // At least one: a report doubles the time to the next.
        _stallMilliseconds = (long)Math.Clamp(options.StallReportAfter.TotalMilliseconds, 1, long.MaxValue / 4);
        Slot slot = PerProcess.Stripes.Domains.Rent(this, balance: null);
        _number = slot.Number;
        _place = StripeLayout.PlaceOf(slot.Number);
        _words = (EpochWords*)slot.Words;
        Atomic.StoreRelease(&_words->Epoch, EpochStep | 1);
        Atomic.StoreRelease(&_words->Elapsed, 0);
        Atomic.StoreRelease(&_words->ReclaimLock, 0);
        Atomic.StoreRelease(&_words->ReclaimingThread, 0);
        Atomic.StoreRelease(&_words->Reclaimer, 0);
        Atomic.StoreRelease(&_words->Shared, 0);
        Atomic.StoreRelease(&_words->Mode, StripeLayout.PercpuWord(_number));
    }

    /// <summary>A domain for the whole process. Disposing it does nothing.</summary>
    public static EpochDomain Shared => SharedDomain.Instance;

    /// <summary>Opens a read section; disposing the result leaves it. Sections of one thread nest, to 65,535 deep.</summary>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    /// <exception cref="InvalidOperationException">Nested too deep.</exception>
    /// <remarks>Never blocks; allocates only at a thread's first count or section. Where there is no memory for that, sections of the
    /// thread are counted in a word that all such threads share: slower, and a grace period then waits until none
    /// of them is inside. Kernel: <c>rcu_read_lock</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EpochReader Enter()
    {
        // Held in a local: the JIT would load the field again for the epoch. No local but the slot outlives the call of the
        // slow path: one that does is stored on the stack on the fast path.
        EpochWords* words = _words;
        long slot = PerThread.ReaderArea + Atomic.LoadAcquire((long*)words);
        if (slot > 0 && Atomic.LoadLocal((long*)slot) == 0)
            Announce(words, (long*)slot);
        else
            slot = EnterSlow();
        return new EpochReader(this, (long*)slot);
    }

    /// <summary><see cref="Enter()"/> without an access to thread-static fields; with stripes per CPU no different from it.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    /// <exception cref="InvalidOperationException">Nested too deep.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EpochReader Enter(PercpuThread thread)
    {
        EpochWords* words = _words;
        long area = PerCpu.IsInlined ? PerThread.ReaderArea : thread.Area;
        long slot = area + Atomic.LoadAcquire((long*)words);
        if (slot > 0 && Atomic.LoadLocal((long*)slot) == 0)
            Announce(words, (long*)slot);
        else
            slot = EnterSlow();
        return new EpochReader(this, (long*)slot);
    }

    /// <summary>Refuses new readers and retirements, waits for the readers inside, and reclaims what was retired.</summary>
    /// <exception cref="InvalidOperationException">Called inside a read section or a reclaim callback of the domain: it
    /// would wait for itself. Nothing was changed.</exception>
    /// <exception cref="AggregateException">Several reclaim callbacks threw; all have run. One exception is thrown as it is.</exception>
    /// <remarks>Blocks like <see cref="Barrier"/>, but an interrupt of the thread is postponed to the end. May be called
    /// twice.</remarks>
    public void Dispose()
    {
        if (ReferenceEquals(this, SharedDomain.Instance))
            return;
        CheckMayDrain(nameof(Dispose));
        Atomic.StoreRelease(&_words->Mode, StripeLayout.AtomicWord(_number));
        // Retirements are refused only once the list is closed, and it can be closed only while it is empty. Another thread may
        // retire between a drain and the closing: then the closing fails, and the drain after it runs that callback, too.
        Failures failures = default;
        Waiter waiter = Waiter.Uninterruptible;
        do
            Drain(ref failures, ref waiter);
        while (!TryClose());
        Drain(ref failures, ref waiter); // What another thread had taken when we closed.
        waiter.End();
        failures.ThrowIfAny();
    }

    private bool IsDisposed => !StripeLayout.IsPercpu(Atomic.LoadAcquire(&_words->Mode));

    private bool IsInside
    {
        get
        {
            long area = PerThread.ReaderArea;
            return (area != 0 && Atomic.LoadLocal(WordIn(area)) != 0) || PerThread.SharedDomain == (long)_words;
        }
    }

    /// <summary>A nested section, a thread's first one, or one that was entered without its area. Returns the address of this thread's word.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long EnterSlow()
    {
        long slot = PerThread.ReaderArea + Atomic.LoadAcquire(&_words->Mode);
        if (slot <= 0)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (PerThread.ReaderArea == 0 && !PerProcess.Stripes.TryAttachThread())
                return EnterShared();
            slot = (long)WordIn(PerThread.ReaderArea);
            Announce(_words, (long*)slot);
            return slot;
        }
        long inside = Atomic.LoadLocal((long*)slot);
        if (inside == 0)
        {
            Announce(_words, (long*)slot); // Its caller did not give its area.
            return slot;
        }
        if ((inside & EpochReader.DepthMask) == EpochReader.DepthMask)
            throw new InvalidOperationException($"Read sections of this thread are nested {EpochReader.DepthMask} deep.");
        Atomic.StoreLocal((long*)slot, inside + 1);
        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Announce(EpochWords* words, long* slot)
    {
        // ORDER(enter-1) acquire. Pairs with ORDER(grace-1): who announces the new epoch also sees what was unlinked
        // before it began.
        Atomic.StoreLocal(slot, Atomic.LoadAcquire(&words->Epoch));
        // ORDER(enter-2) light fence between the announcement and every read of the section. Pairs with
        // ORDER(grace-2): announced before that fence, the wait sees us; announced after, our reads come after too.
        Atomic.LightFence();
    }

    private long* WordIn(long area) => (long*)((area ^ StripeLayout.Flag) + _place);
}
