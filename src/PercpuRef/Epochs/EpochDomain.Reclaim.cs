using Percpu.Memory;

namespace Percpu;

// Deferred reclamation: retire, and run what a grace period has made safe.
public sealed unsafe partial class EpochDomain
{
    private Retired? _pending;          // Pushed by anybody, newest first; taken whole by the holder of the reclaim lock.
    private Retired? _waiting;          // Oldest first, waiting for _waitingFor. Under the reclaim lock.
    private long _waitingFor;           // Under the reclaim lock.
    private StallWatch _waitingStall;   // Under the reclaim lock.

    /// <summary>Runs a callback once every read section open now has been left. The caller has unlinked what it frees.</summary>
    /// <param name="reclaim">Runs on the background thread, or in <see cref="Reclaim"/>, <see cref="Barrier"/> or
    /// <see cref="Dispose"/>; in the order of retiring; not under any lock of the caller. May retire more, which a
    /// domain that is being disposed of refuses like any retirement.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reclaim"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    /// <remarks>Lock-free; allocates one node. Legal inside a read section. Kernel: <c>call_rcu</c>.</remarks>
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
        Push(new RetiredState<TState>(state, reclaim));
        // ORDER(retire-2) the push, a full fence, before this load. Pairs with ORDER(dispose-1): either the marker of a
        // dispose that runs beside us comes after the node and waits for it, or we see the dispose here.
        if (_background || IsDisposed)
            WakeReclaimer();
    }

    /// <summary>Returns when everything retired before the call has been reclaimed, here or on another thread.</summary>
    /// <exception cref="InvalidOperationException">Called inside a read section or a reclaim callback of the domain: it
    /// would wait for itself.</exception>
    /// <exception cref="AggregateException">Several callbacks that ran here threw; all have run. One exception is thrown as it is.</exception>
    /// <remarks>Blocks as long as the slowest reader or callback. Kernel: <c>rcu_barrier</c>.</remarks>
    public void Barrier()
    {
        CheckMayDrain(nameof(Barrier));
        Drain();
    }

    /// <summary>Runs, on this thread, the callbacks whose grace period has elapsed, and begins one for those that wait.</summary>
    /// <returns>How many ran. 0 also while another thread reclaims, or inside a reclaim callback.</returns>
    /// <exception cref="AggregateException">Several callbacks threw; all have run. One exception is thrown as it is.</exception>
    /// <remarks>Never waits for a reader. For hosts that want no background thread: call it now and then. Legal inside
    /// a read section, which then holds up what was retired since it was opened.</remarks>
    public int Reclaim()
    {
        Failures failures = default;
        int count = ReclaimReady(ref failures);
        failures.ThrowIfAny();
        GC.KeepAlive(this);
        return count;
    }

    private int ReclaimReady(ref Failures failures)
    {
        if (!SwitchLock.TryEnter(&_words->ReclaimLock))
            return 0;
        int count = 0;
        try
        {
            // The batch that waits and the one that is pending, no more: what callbacks retire is for the next call, else
            // a callback that retires itself would keep us here for ever.
            for (int i = 0; i < 2 && TryTakeElapsed() is { } batch; i++)
                count += Run(batch, ref failures);
        }
        finally
        {
            SwitchLock.Exit(&_words->ReclaimLock);
        }
        // The reclaimer may have gone to sleep while what we leave was in our hands, in neither list.
        if (_background && HasWork)
            WakeReclaimer();
        return count;
    }

    /// <summary>The oldest batch, if its grace period has elapsed. Begins one for a new batch where none waits.</summary>
    private Retired? TryTakeElapsed()
    {
        if (_waiting is null)
        {
            // ORDER(retire-1) the batch is taken before its grace period begins, so that no node of it can be younger
            // than the epoch it waits for. Pairs with ORDER(grace-1).
            Retired? pending = Atomic.ExchangeReference(ref _pending, null);
            if (pending is null)
                return null;
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
        Atomic.StoreRelease(&_words->ReclaimingThread, 0);
        return count;
    }

    private void CheckMayDrain(string operation)
    {
        CheckMayWait(operation);
        if (Atomic.LoadAcquire(&_words->ReclaimingThread) == ThreadIdentity.Current.Id)
            throw new InvalidOperationException($"{operation} inside a reclaim callback of the same domain would wait for itself.");
    }

    private void Push(Retired node)
    {
        Retired? newest = Atomic.LoadReference(ref _pending);
        while (true)
        {
            node.Next = newest;
            Retired? found = Atomic.CompareExchangeReference(ref _pending, node, newest);
            if (ReferenceEquals(found, newest))
                return;
            newest = found;
        }
    }

    /// <summary>Reclaims until a marker that is retired now has had its turn: callbacks run in the order of retiring.</summary>
    private void Drain()
    {
        var marker = new Completion();
        Push(new RetiredState<Completion>(marker, static done => done.Succeed()));
        Failures failures = default;
        var backoff = default(Backoff);
        while (true)
        {
            ReclaimReady(ref failures);
            if (marker.IsCompleted)
                break;
            backoff.Pause();
        }
        failures.ThrowIfAny();
        GC.KeepAlive(this);
    }
}
