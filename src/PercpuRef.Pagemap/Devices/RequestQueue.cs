using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The gate through which all I/O of a disk passes: requests count themselves in and out, and the owner can
/// hold up new ones until the disk is quiet, or end it.</summary>
/// <remarks>
/// <para>Kernel: <c>struct request_queue</c> and its <c>q_usage_counter</c>, as far as it is a counter.</para>
/// <para>Thread-safety: every member, from any thread. Entering and leaving cost what a pin costs.</para>
/// </remarks>
public sealed unsafe partial class RequestQueue : IDisposable
{
    private readonly Pinned<Words> _words = new();
    private readonly TimeSpan _stallReportAfter;

    /// <summary>Creates a queue that is open.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="RequestQueueOptions.StallReportAfter"/> is not positive.</exception>
    /// <exception cref="OutOfMemoryException">No memory for its counter.</exception>
    /// <remarks>Kernel: <c>blk_alloc_queue_node</c>; the node is not applicable.</remarks>
    public RequestQueue(RequestQueueOptions? options = null)
    {
        options ??= new RequestQueueOptions();
        if (options.StallReportAfter <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(options), options.StallReportAfter, "StallReportAfter must be positive.");
        _stallReportAfter = options.StallReportAfter;
        Name = options.Name;
        Usage = new PercpuRef(null, PercpuRefOptions.AllowReinit | (options.TrackHolders ? PercpuRefOptions.TrackHolders : PercpuRefOptions.None));
    }

    /// <summary>For messages; null for none.</summary>
    public string? Name { get; internal set; }

    /// <summary>Counts the requests inside; also what pins a mapping of the disk's pages. Killed while frozen.</summary>
    /// <remarks>Kernel: <c>q_usage_counter</c>.</remarks>
    public PercpuRef Usage { get; }

    /// <summary>Whether the queue was ended.</summary>
    public bool IsDying => Atomic.LoadAcquire(&Shared->Dying) != 0;

    /// <summary>Whether somebody has frozen it, or it was ended.</summary>
    public bool IsFrozen => Atomic.LoadAcquire(&Shared->Depth) != 0;

    /// <summary>Lets a request in. While the queue is frozen, waits.</summary>
    /// <exception cref="ObjectDisposedException">The queue is dying (kernel: ENODEV).</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted while the queue was frozen: nobody was let in.</exception>
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
        if (IsDying)
            throw new ObjectDisposedException(Name ?? nameof(RequestQueue), $"{Described} is dying: its disk was removed, or its device unbound.");
        return false;
    }

    /// <summary>Lets a request out.</summary>
    /// <exception cref="InvalidOperationException">More went out than came in, where it can be seen.</exception>
    /// <remarks>Kernel: <c>blk_queue_exit</c>.</remarks>
    public void Exit() => Usage.Put();

    /// <summary>Ends the queue: from now on entering fails, also for those who wait. Does not wait for requests inside.</summary>
    /// <remarks>May be called twice. Kernel: <c>blk_set_queue_dying</c>.</remarks>
    public void MarkDying()
    {
        StartFreeze(dying: true);
        Atomic.FetchAdd(&Shared->Gate, 1); // ORDER(queue-1)
        Parking.WakeAll(&Shared->Gate);
    }

    /// <summary>Ends the queue and waits until nobody is inside. May be called twice.</summary>
    /// <remarks>An interrupt of the thread is postponed to the end of the wait. If that takes long, it is reported as an
    /// event; see <see cref="RequestQueueOptions.StallReportAfter"/>. Kernel: <c>blk_cleanup_queue</c>.</remarks>
    public void Dispose()
    {
        MarkDying();
        WaitDrained($"The end of {Described}", _stallReportAfter);
        Usage.Dispose();
    }

    /// <summary>Waits until nobody is inside a queue that was ended.</summary>
    internal void WaitDrained(string what, TimeSpan reportAfter) => Usage.Drain(what, reportAfter);

    private string Described => Name is null ? "the request queue" : $"the queue of '{Name}'";

    private void EnterSlow()
    {
        Waiter waiter = Waiter.Interruptible;
        while (true)
        {
            // ORDER(queue-2) the gate is read before the try. Pairs with ORDER(queue-1).
            long seen = Atomic.LoadAcquire(&Shared->Gate);
            if (TryEnter())
                return;
            waiter.Park(&Shared->Gate, seen);
        }
    }

    private Words* Shared => _words.Pointer;

    internal struct Words
    {
        internal long Lock;
        internal long Depth; // How many freezes are open.
        internal long Dying;
        internal long Gate; // Changes whenever waiters should look again.
    }
}
