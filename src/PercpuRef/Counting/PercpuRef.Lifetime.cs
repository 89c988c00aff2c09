using System.Diagnostics;
using Percpu.Memory;

namespace Percpu;

// The end of a life: state, waiting, disposal.
public sealed unsafe partial class PercpuRef
{
    /// <summary>Whether it was killed and not revived since. Who has seen true finds <see cref="TryGetLive()"/> failing from then on,
    /// though the kill may not have returned yet.</summary>
    /// <remarks>Answers also after <see cref="Dispose"/>. Kernel: <c>percpu_ref_is_dying</c>, where one word holds flag and mode.</remarks>
    public bool IsDying
    {
        get
        {
            // ORDER(dying-1) acquire of the flag and then of the mode. Pairs with ORDER(kill-1): a kill that has set the flag and not
            // the mode yet still lets gets in, so it is not told. A live reference costs the first load alone.
            bool dying = (Atomic.LoadAcquire(&_words->Central) & CountWord.Dead) != 0 && !StripeLayout.IsPercpu(Atomic.LoadAcquire(&_words->Mode));
            GC.KeepAlive(this);
            return dying;
        }
    }

    /// <summary>Whether the count has been proved zero. Always false in percpu mode.</summary>
    /// <remarks>True from just before the release callback starts. Answers also after <see cref="Dispose"/>.
    /// Kernel: <c>percpu_ref_is_zero</c>.</remarks>
    public bool IsZero
    {
        get
        {
            bool zero = (Atomic.LoadAcquire(&_words->Central) & CountWord.Released) != 0;
            GC.KeepAlive(this);
            return zero;
        }
    }

    /// <summary>Whether gets and puts count in private words (true) or in one shared word (false).</summary>
    public bool IsPercpu
    {
        get
        {
            bool percpu = StripeLayout.IsPercpu(Atomic.LoadAcquire(&_words->Mode));
            GC.KeepAlive(this);
            return percpu;
        }
    }

    /// <summary>Completes when the release callback of the current life has returned; fails with its exception.
    /// A waiter may then dispose of everything the references protected.</summary>
    /// <remarks>Belongs to the life during which it is read: <see cref="Reinit"/> and <see cref="Resurrect"/> start a
    /// new one, and <see cref="Resurrect"/> cancels the task of the old. Continuations do not run on the putting thread.</remarks>
    public Task Released => DemandLife().Task;

    /// <summary>Blocks until a release callback has returned, however it fared. A life that <see cref="Resurrect"/>
    /// took back has not ended: the wait goes on with the next one.</summary>
    /// <param name="timeout">0 to 2^31 - 2 milliseconds, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <returns>True: released. False: time-out.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted. Nothing has changed.</exception>
    public bool WaitForRelease(TimeSpan timeout)
    {
        CheckTimeout(timeout);
        long start = Stopwatch.GetTimestamp();
        Waiter waiter = Waiter.Interruptible;
        while (true)
        {
            Completion life = Life;
            if (!waiter.WaitFor(life, Left(timeout, start)))
                return false;
            if (!life.IsCancelled)
                return true;
        }
    }

    /// <summary>Kills the reference if it is live. Never waits: outstanding references stay valid, and the release
    /// callback still runs at the last put. May be called twice.</summary>
    /// <remarks>From its return on <see cref="TryGetLive()"/> fails. While somebody still holds a reference, <see cref="TryGet()"/>
    /// and a holder's <see cref="Get()"/> work as on any dying one; after the release <see cref="TryGet()"/> fails and
    /// <see cref="Get()"/> throws. Afterwards kill, switches and revivals throw <see cref="ObjectDisposedException"/>; its memory serves
    /// another reference once the garbage collector has let go of it. Kernel: <c>percpu_ref_exit</c>, before which the
    /// caller must have drained the reference.</remarks>
    public void Dispose()
    {
        long start = PercpuMeter.StartKill();
        bool drop;
        using (new SwitchScope(this))
        {
            if (Has(RefWords.Disposed))
                return;
            Set(RefWords.Disposed);
            long central = Atomic.LoadAcquire(&_words->Central);
            if ((central & CountWord.Dead) != 0)
                return;
            MarkDead();
            drop = (central & CountWord.Released) == 0;
            EnterAtomicMode();
        }
        PercpuMeter.Killed(start);
        TellKilled();
        if (drop)
            PutCentral(1);
        GC.KeepAlive(this);
    }

    private Action<PercpuRef>? Callback =>
        Atomic.LoadReference(ref _end) is var end && end is RefLife life ? life.Release : (Action<PercpuRef>?)end;

    /// <summary>The current life, made if nobody has asked for it before.</summary>
    private RefLife DemandLife()
    {
        object? end;
        while ((end = Atomic.LoadReference(ref _end)) is not RefLife)
        {
            var created = new RefLife((Action<PercpuRef>?)end);
            // ORDER(end-2) compare-exchange, a full fence, before we look whether the life has ended. Pairs with ORDER(end-1).
            if (ReferenceEquals(Atomic.CompareExchangeReference(ref _end, created, end), end) && Has(RefWords.Ended))
                created.Succeed();
        }
        GC.KeepAlive(this);
        return (RefLife)end;
    }

    /// <summary>Runs the callback of the life that was just released, given if there is one.</summary>
    private void RunRelease(RefLife? life)
    {
        PercpuMeter.Released();
        try
        {
            Action<PercpuRef>? release = life is not null ? life.Release : Callback;
            release?.Invoke(this);
        }
        catch (Exception exception)
        {
            (life ?? DemandLife()).Fail(exception);
            PercpuEventSource.Log.CallbackFailed("Release", exception);
            throw;
        }
        if (life is null)
        {
            // ORDER(end-1) interlocked, a full fence, before we look for somebody who asked meanwhile. Pairs with ORDER(end-2):
            // of the end and a question, one sees the other.
            Set(RefWords.Ended);
            life = Atomic.LoadReference(ref _end) as RefLife;
        }
        life?.Succeed();
    }

    /// <summary>The slot's number, which the mode word tells in either mode.</summary>
    internal long Number => StripeLayout.NumberIn(Atomic.LoadPublished(&_words->Mode));

    private bool Has(long flag) => (Atomic.LoadAcquire(&_words->State) & flag) != 0;

    /// <summary>For flags that never change.</summary>
    private bool HasAlways(long flag) => (Atomic.LoadPublished(&_words->State) & flag) != 0;

    private void Set(long flag)
    {
        long before = Atomic.LoadAcquire(&_words->State);
        while ((before & flag) == 0)
        {
            long found = Atomic.CompareExchange(&_words->State, before | flag, before);
            if (found == before)
                return;
            before = found;
        }
    }

    private void Clear(long flag)
    {
        long before = Atomic.LoadAcquire(&_words->State);
        while ((before & flag) != 0)
        {
            long found = Atomic.CompareExchange(&_words->State, before & ~flag, before);
            if (found == before)
                return;
            before = found;
        }
    }
}
