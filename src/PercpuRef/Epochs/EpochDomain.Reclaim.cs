using Percpu.Memory;

namespace Percpu;

// Deferred reclamation: retire, and run what a grace period has made safe.
public sealed unsafe partial class EpochDomain
{
    private Retired? _pending;          // Pushed by anybody, newest first; taken whole by the holder of the reclaim lock.
    private Retired? _waiting;          // Oldest first, waiting for _waitingFor. Under the reclaim lock.
    private long _waitingFor;           // Under the reclaim lock.
    private StallWatch _waitingStall;   // Under the reclaim lock.
    private Retired? _running;          // What the batch that is just being run has left. Under the reclaim lock.

    /// <summary>Runs a callback once every read section open now has been left. The caller has unlinked what it frees.</summary>
    /// <param name="reclaim">Runs on the background thread, or in <see cref="Reclaim"/>, <see cref="Barrier"/> or
    /// <see cref="Dispose"/>; in the order of retiring; not under any lock of the caller. May retire more, which a
    /// domain that is being disposed of refuses like any retirement.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reclaim"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The domain was disposed. Nothing is retired.</exception>
    /// <remarks>Lock-free; allocates one node. Legal inside a read section. Where the operating system gives no thread for
    /// reclaiming, that is a warning event; what was retired waits for the next retirement, <see cref="Reclaim"/> or
    /// <see cref="Barrier"/>. Kernel: <c>call_rcu</c>.</remarks>
    public void Retire(Action reclaim)
    {
        ArgumentNullException.ThrowIfNull(reclaim);
        Retire(reclaim, static action => action());
    }

    /// <summary>Runs a callback on a state as <see cref="Retire(Action)"/> does, without a closure.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="reclaim"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    public void Retire<TState>(TState state, Action<TState> reclaim)
    {
        ArgumentNullException.ThrowIfNull(reclaim);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ObjectDisposedException.ThrowIf(!TryPush(new RetiredState<TState>(state, reclaim)), this);
        if (_background)
            WakeReclaimer();
    }

    /// <summary>Returns when everything retired before the call has been reclaimed, here or on another thread.</summary>
    /// <exception cref="InvalidOperationException">Called inside a read section or a reclaim callback of the domain: it
    /// would wait for itself.</exception>
    /// <exception cref="AggregateException">Several callbacks that ran here threw; all have run. One exception is thrown as it is.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted: what has not run yet stays in the list. If
    /// callbacks that ran here threw before, it comes with them in an <see cref="AggregateException"/>.</exception>
    /// <remarks>Blocks as long as the slowest reader or callback. Kernel: <c>rcu_barrier</c>.</remarks>
    public void Barrier()
    {
        CheckMayDrain(nameof(Barrier));
        Failures failures = default;
        Waiter waiter = Waiter.Interruptible;
        try
        {
            Drain(ref failures, ref waiter);
        }
        catch (ThreadInterruptedException interrupted)
        {
            failures.Add(interrupted); // Behind those of callbacks that ran here: nobody will tell of them again.
        }
        failures.ThrowIfAny();
    }

    /// <summary>Runs, on this thread, the callbacks whose grace period has elapsed, and begins one for those that wait.</summary>
    /// <returns>How many ran. 0 also while another thread reclaims, or inside a reclaim callback.</returns>
    /// <exception cref="AggregateException">Several callbacks threw; all have run. One exception is thrown as it is.</exception>
    /// <remarks>Never waits for a reader. For hosts that want no background thread: call it now and then. Legal inside
    /// a read section, which then holds up what was retired since it was opened.</remarks>
    public int Reclaim()
    {
        Failures failures = default;
        TryReclaimReady(ref failures, out int count);
        failures.ThrowIfAny();
        GC.KeepAlive(this);
        return count;
    }

    /// <summary>Callbacks that were retired and have not returned: exact when nobody retires or reclaims.</summary>
    /// <remarks>For people and tests. A figure that only grows says that a reader stays inside, that a callback hangs, or, in
    /// a domain without background thread, that nobody calls <see cref="Reclaim"/>. Never waits.</remarks>
    public long RetiredCount =>
        CountFrom(Atomic.LoadReference(ref _pending)) + CountFrom(Atomic.LoadReference(ref _waiting)) + CountFrom(Atomic.LoadReference(ref _running));

    long ISlotOwner.Tell(SlotFigure figure) => figure == SlotFigure.Retired ? RetiredCount : 0;

    private static long CountFrom(Retired? list) => list is null || ReferenceEquals(list, Retired.Closed) ? 0 : list.Length;

    /// <summary>Reclaims what is ready. False while another thread reclaims.</summary>
    private bool TryReclaimReady(ref Failures failures, out int count)
    {
        count = 0;
        if (!WordLock.TryEnter(&_words->ReclaimLock))
            return false;
        StallWatch stall;
        try
        {
            // The batch that waits and the one that is pending, no more: what callbacks retire is for the next call, else
            // a callback that retires itself would keep us here for ever.
            for (int i = 0; i < 2 && TryTakeElapsed() is { } batch; i++)
                count += Run(batch, ref failures);
        }
        finally
        {
            stall = _waitingStall.Take();
            WordLock.Exit(&_words->ReclaimLock);
        }
        stall.Report();
        // The reclaimer may have gone to sleep while what we leave was in our hands, in neither list.
        if (_background && HasWork)
            WakeReclaimer();
        return true;
    }

    /// <summary>The oldest batch, if its grace period has elapsed. Begins one for a new batch where none waits.</summary>
    private Retired? TryTakeElapsed()
    {
        if (_waiting is null)
        {
            // ORDER(retire-1) the batch is taken before its grace period begins, so that no node of it can be younger
            // than the epoch it waits for. Pairs with ORDER(grace-1).
            if (!HasPending)
                return null;
            Retired pending = Atomic.ExchangeReference(ref _pending, null)!; // Only we take.
            _waitingFor = BeginGracePeriod();
            _waiting = Retired.Reverse(pending);
            _waitingStall = new StallWatch(_stallMilliseconds);
        }
        if (!HasReached(_waitingFor, ref _waitingStall))
            return null;
        Retired batch = _waiting;
        _waiting = null;
        return batch;
    }

    private int Run(Retired batch, ref Failures failures)
    {
        int count = 0;
        Atomic.StoreRelease(&_words->ReclaimingThread, ThreadIdentity.Current.Id);
        for (Retired? node = batch; node is not null; node = node.Next)
        {
            _running = node;
            try
            {
                node.Reclaim();
            }
            catch (Exception exception)
            {
                PercpuEventSource.Log.CallbackFailed("Reclaim", exception);
                failures.Add(exception);
            }
            count++;
        }
        _running = null;
        Atomic.StoreRelease(&_words->ReclaimingThread, 0);
        return count;
    }

    private void CheckMayDrain(string operation)
    {
        CheckMayWait(operation);
        if (Atomic.LoadAcquire(&_words->ReclaimingThread) == ThreadIdentity.Current.Id)
            throw new InvalidOperationException($"{operation} inside a reclaim callback of the same domain would wait for itself.");
    }

    /// <summary>Adds a node, unless a dispose has closed the list.</summary>
    private bool TryPush(Retired node)
    {
        // ORDER(retire-2) compare-exchange on the word that a dispose closes. Pairs with ORDER(dispose-1): a retirement comes
        // before the closing, and is reclaimed, or finds the list closed, and is refused.
        Retired? newest = Atomic.LoadReference(ref _pending);
        while (!ReferenceEquals(newest, Retired.Closed))
        {
            node.LinkTo(newest);
            Retired? found = Atomic.CompareExchangeReference(ref _pending, node, newest);
            if (ReferenceEquals(found, newest))
                return true;
            newest = found;
        }
        return false;
    }

    /// <summary>Closes the list for ever, if nothing is in it.</summary>
    private bool TryClose()
    {
        // ORDER(dispose-1) compare-exchange. Pairs with ORDER(retire-2).
        Retired? found = Atomic.CompareExchangeReference(ref _pending, Retired.Closed, null);
        return found is null || ReferenceEquals(found, Retired.Closed);
    }

    private bool HasPending => Atomic.LoadReference(ref _pending) is { } newest && !ReferenceEquals(newest, Retired.Closed);

    private bool HasWork => HasPending || Atomic.LoadReference(ref _waiting) is not null;

    /// <summary>Reclaims until a marker that is retired now has had its turn: callbacks run in the order of retiring. Of a
    /// closed list, until nothing is left.</summary>
    private void Drain(ref Failures failures, ref Waiter waiter)
    {
        var marker = new Completion();
        bool marked = TryPush(new RetiredState<Completion>(marker, static done => done.Succeed()));
        while (true)
        {
            // Whoever had the lock of a closed list and left nothing: what others took before has run.
            bool reclaimed = TryReclaimReady(ref failures, out _);
            if (marked ? marker.IsCompleted : reclaimed && !HasWork)
                break;
            waiter.Pause();
        }
        GC.KeepAlive(this);
    }
}
