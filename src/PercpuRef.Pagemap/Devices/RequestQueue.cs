using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The gate through which all I/O of a disk passes: requests count themselves in and out, and the owner can
/// hold up new ones until the disk is quiet, or end it.</summary>
/// <remarks>
/// <para>Kernel: <c>struct request_queue</c> and its <c>q_usage_counter</c>, as far as it is a counter.</para>
/// <para>Thread-safety: every member, from any thread. Entering and leaving cost what a pin costs.</para>
/// </remarks>
public sealed unsafe class RequestQueue : IDisposable
{
    private readonly long[] _words = NativeBlocks.AllocatePinnedWords(8);

    /// <summary>Creates a queue that is open.</summary>
    /// <exception cref="OutOfMemoryException">No memory for its counter.</exception>
    /// <remarks>Kernel: <c>blk_alloc_queue_node</c>; the node is not applicable.</remarks>
    public RequestQueue() => Usage = new PercpuRef(null, PercpuRefOptions.AllowReinit);

    /// <summary>Counts the requests inside; also what pins a mapping of the disk's pages. Killed while frozen.</summary>
    /// <remarks>Kernel: <c>q_usage_counter</c>.</remarks>
    public PercpuRef Usage { get; }

    /// <summary>Whether the queue was ended.</summary>
    public bool IsDying => Atomic.LoadAcquire(Dying) != 0;

    /// <summary>Whether somebody has frozen it, or it was ended.</summary>
    public bool IsFrozen => Atomic.LoadAcquire(Depth) != 0;

    private long* LockWord => Pinned.Address(_words, 0);

    private long* Depth => Pinned.Address(_words, 1); // How many freezes are open.

    private long* Dying => Pinned.Address(_words, 2);

    private long* Gate => Pinned.Address(_words, 3); // Changes whenever waiters should look again.

    /// <summary>Lets a request in. While the queue is frozen, waits.</summary>
    /// <exception cref="ObjectDisposedException">The queue is dying (kernel: ENODEV).</exception>
    /// <remarks>Must not be called by a thread that froze the queue itself. Kernel: <c>blk_queue_enter</c>.</remarks>
    public void Enter()
    {
        if (!Usage.TryGetLive())
            EnterSlow();
    }

    /// <summary>Lets a request in, or fails at once while the queue is frozen.</summary>
    /// <returns>False while frozen (kernel: EAGAIN).</returns>
    /// <exception cref="ObjectDisposedException">The queue is dying.</exception>
    /// <remarks>Kernel: <c>blk_queue_enter</c> without waiting.</remarks>
    public bool TryEnter()
    {
        if (Usage.TryGetLive())
            return true;
        ObjectDisposedException.ThrowIf(IsDying, this);
        return false;
    }

    /// <summary>Lets a request out.</summary>
    /// <exception cref="InvalidOperationException">More went out than came in, where it can be seen.</exception>
    /// <remarks>Kernel: <c>blk_queue_exit</c>.</remarks>
    public void Exit() => Usage.Put();

    /// <summary>Refuses new requests and waits until none is inside, no pin of the disk's pages included. Nests.</summary>
    /// <remarks>Kernel: <c>blk_mq_freeze_queue</c>.</remarks>
    public void Freeze()
    {
        StartFreeze(dying: false);
        Usage.WaitForRelease(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Undoes one <see cref="Freeze"/>; the last one opens the queue and wakes everybody who waits.</summary>
    /// <exception cref="InvalidOperationException">It is not frozen, or the freeze has not returned yet.</exception>
    /// <remarks>Kernel: <c>blk_mq_unfreeze_queue</c>.</remarks>
    public void Unfreeze()
    {
        SwitchLock.Enter(LockWord);
        try
        {
            // A dying queue keeps one freeze for good.
            if (Atomic.LoadLocal(Depth) <= Atomic.LoadLocal(Dying))
                throw new InvalidOperationException("The queue is not frozen.");
            // Depth and counter change together under the lock: a freeze and an unfreeze cannot swap.
            bool last = Atomic.LoadLocal(Depth) == 1;
            if (last)
                Usage.Reinit(); // Throws, with nothing changed, if the freeze it would undo is still waiting.
            Atomic.StoreRelease(Depth, Atomic.LoadLocal(Depth) - 1);
            if (!last)
                return;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
        // ORDER(queue-1) interlocked, behind the revival. Pairs with ORDER(queue-2): who failed to enter before it waits
        // for a value that is gone.
        Atomic.FetchAdd(Gate, 1);
        Parking.WakeAll(Gate);
    }

    /// <summary>Ends the queue: from now on entering fails, also for those who wait. Does not wait for requests inside.</summary>
    /// <remarks>May be called twice. Kernel: <c>blk_set_queue_dying</c>.</remarks>
    public void MarkDying()
    {
        StartFreeze(dying: true);
        Atomic.FetchAdd(Gate, 1); // ORDER(queue-1)
        Parking.WakeAll(Gate);
    }

    /// <summary>Ends the queue and waits until nobody is inside. May be called twice.</summary>
    /// <remarks>Kernel: <c>blk_cleanup_queue</c>.</remarks>
    public void Dispose()
    {
        MarkDying();
        Usage.WaitForRelease(Timeout.InfiniteTimeSpan);
        Usage.Dispose();
    }

    private void StartFreeze(bool dying)
    {
        SwitchLock.Enter(LockWord);
        try
        {
            if (dying && Atomic.Exchange(Dying, 1) != 0)
                return;
            if (Atomic.LoadLocal(Depth) == 0)
                Usage.Kill(); // Runs no callback: the counter has none.
            Atomic.StoreRelease(Depth, Atomic.LoadLocal(Depth) + 1);
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    private void EnterSlow()
    {
        while (true)
        {
            // ORDER(queue-2) the gate is read before the try. Pairs with ORDER(queue-1).
            long seen = Atomic.LoadAcquire(Gate);
            if (TryEnter())
                return;
            Parking.Wait(Gate, seen);
        }
    }
}
