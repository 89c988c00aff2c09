using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

public sealed class RequestQueueTests
{
    [Fact]
    public void I52_a_frozen_queue_refuses_the_try_form_and_lets_waiters_in_when_the_last_freeze_ends()
    {
        using var queue = new RequestQueue();
        Assert.True(queue.TryEnter());
        queue.Exit();
        queue.Freeze();
        queue.Freeze();
        Assert.True(queue.IsFrozen);
        Assert.False(queue.TryEnter());
        int entered = 0;
        Worker[] waiters = [.. Enumerable.Range(0, 5).Select(_ => new Worker(() =>
        {
            queue.Enter();
            Interlocked.Increment(ref entered);
            queue.Exit();
        }))];
        queue.Unfreeze();
        Thread.Sleep(30);
        Assert.Equal(0, Volatile.Read(ref entered));
        queue.Unfreeze();
        Array.ForEach(waiters, each => each.Join("the queue to open"));
        Assert.Equal(5, entered);
        Assert.Throws<InvalidOperationException>(queue.Unfreeze);
    }

    [Fact]
    public void I52_freezing_waits_for_those_inside()
    {
        using var queue = new RequestQueue();
        queue.Enter();
        using var freezer = new Worker(queue.Freeze);
        Worker.AwaitTrue(() => queue.IsFrozen);
        Assert.False(freezer.Thread.Join(30));
        queue.Exit();
        freezer.Join();
        queue.Unfreeze();
        Assert.True(queue.TryEnter());
        queue.Exit();
    }

    [Fact]
    public void I52_an_unfreeze_before_the_queue_is_drained_opens_it_and_tells_whoever_waits()
    {
        using var queue = new RequestQueue();
        queue.Enter();
        Exception? thrown = null;
        using var freezer = new Worker(() => thrown = Record.Exception(queue.Freeze));
        Worker.AwaitTrue(() => queue.IsFrozen);
        queue.Unfreeze();
        freezer.Join();
        Assert.IsType<InvalidOperationException>(thrown);
        Assert.False(queue.IsFrozen);
        Assert.True(queue.TryEnter());
        queue.Exit();
        queue.Exit();
        queue.FreezeStart();
        queue.Unfreeze(); // Drained at once: revived all the same.
        Assert.True(queue.TryEnter());
        queue.Exit();
    }

    [Fact]
    public void I52_a_freeze_can_be_tried_begun_and_waited_for()
    {
        using var queue = new RequestQueue();
        Assert.Throws<InvalidOperationException>(() => queue.WaitFrozen(TimeSpan.Zero));
        Worker.RunWaiting("a freeze that nobody has begun", () => Assert.Throws<InvalidOperationException>(queue.WaitFrozen));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.TryFreeze(TimeSpan.FromDays(30)));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.WaitFrozen(TimeSpan.FromSeconds(-2)));
        queue.Enter();
        Assert.False(queue.TryFreeze(TimeSpan.Zero));
        Assert.False(queue.TryFreeze(TimeSpan.FromMilliseconds(5)));
        Assert.False(queue.IsFrozen);
        Assert.True(queue.TryEnter());
        queue.FreezeStart();
        Assert.False(queue.TryEnter());
        Assert.False(queue.WaitFrozen(TimeSpan.Zero));
        queue.Exit();
        queue.Exit();
        Assert.True(queue.WaitFrozen(TimeSpan.Zero));
        Worker.RunWaiting("requests that have left", queue.WaitFrozen);
        Assert.True(queue.TryFreeze(TimeSpan.Zero)); // Nests.
        queue.Unfreeze();
        Assert.True(queue.IsFrozen);
        queue.Unfreeze();
        Worker.RunWaiting("requests that have left", () => Assert.True(queue.TryFreeze(Timeout.InfiniteTimeSpan)));
        queue.Unfreeze();
    }

    [Fact]
    public void A_freeze_that_waits_long_is_reported_with_those_who_are_inside()
    {
        using var events = new PercpuEvents();
        string name = Guid.NewGuid().ToString("N");
        using var queue = new RequestQueue(new RequestQueueOptions { Name = name, TrackHolders = true, StallReportAfter = TimeSpan.FromMilliseconds(1) });
        queue.Enter();
        Assert.Equal(1, Assert.Single(queue.Usage.GetHolders()).Count);
        using var freezer = new Worker(queue.Freeze);
        Worker.AwaitTrue(() => events.Heard("StalledRelease", payload => ((string)payload[0]!).Contains(name, StringComparison.Ordinal)).Count > 1);
        object?[] told = events.Heard("StalledRelease", payload => ((string)payload[0]!).Contains(name, StringComparison.Ordinal))[0];
        Assert.Equal(1L, told[1]);
        Assert.Contains(nameof(A_freeze_that_waits_long_is_reported_with_those_who_are_inside), (string)told[3]!, StringComparison.Ordinal);
        queue.Exit();
        freezer.Join();
        queue.Unfreeze();
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestQueue(new RequestQueueOptions { StallReportAfter = TimeSpan.Zero }));
    }

    [Fact]
    public void An_unbind_that_waits_long_is_reported()
    {
        using var events = new PercpuEvents();
        string name = Guid.NewGuid().ToString("N");
        using var machine = new TestMachine();
        var device = new Device(machine.Table, name) { StallReportAfter = TimeSpan.FromMilliseconds(1) };
        PmemDevice pmem = PmemDriver.Bind(device, new PmemNamespace(machine.AddDevice()));
        pmem.Disk.Queue.Enter();
        using var unbinder = new Worker(() => device.Unbind());
        Worker.AwaitTrue(() => events.Heard("StalledRelease", payload => ((string)payload[0]!).Contains(name, StringComparison.Ordinal)).Count > 0);
        pmem.Disk.Queue.Exit();
        unbinder.Join();
        var gone = Assert.Throws<ObjectDisposedException>(() => pmem.Disk.Read(0, new byte[512]));
        Assert.Equal(name, gone.ObjectName);
        Assert.Contains($"the queue of '{name}' is dying", gone.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Device(machine.Table, name) { StallReportAfter = TimeSpan.Zero });
    }

    [Fact]
    public void I54_a_counter_that_a_user_has_killed_himself_still_holds_up_the_unmapping()
    {
        using var machine = new TestMachine();
        PmemDevice pmem = PmemDriver.Bind(machine.Device, new PmemNamespace(machine.AddDevice()));
        pmem.Disk.Queue.Enter();
        pmem.Disk.Queue.Usage.Kill();
        using var unbinder = new Worker(() => machine.Device.Unbind());
        Assert.False(unbinder.Thread.Join(30));
        pmem.Disk.Queue.Exit();
        unbinder.Join();
    }

    [Fact]
    public void I52_a_dying_queue_fails_everybody_also_those_who_wait()
    {
        var queue = new RequestQueue();
        queue.Freeze();
        Exception? caught = null;
        var waiter = new Worker(() => caught = Record.Exception(queue.Enter));
        Assert.False(waiter.Thread.Join(30));
        queue.MarkDying();
        queue.MarkDying();
        waiter.Join();
        Assert.IsType<ObjectDisposedException>(caught);
        queue.Unfreeze();
        Assert.Throws<ObjectDisposedException>(() => queue.TryEnter());
        Assert.Throws<ObjectDisposedException>(queue.Enter);
        Assert.Throws<InvalidOperationException>(queue.Unfreeze); // The one freeze of the dying stays.
        queue.Dispose();
        queue.Dispose();
        Assert.Throws<ObjectDisposedException>(queue.Usage.Get); // Its counter has ended with it.
    }

    [Fact]
    public void I52_freezes_from_many_threads_under_traffic_lose_nothing()
    {
        using var queue = new RequestQueue();
        bool stop = false;
        int inside = 0, violations = 0;
        Worker[] users = [.. Enumerable.Range(0, 2).Select(_ => new Worker(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                queue.Enter();
                Interlocked.Increment(ref inside);
                Interlocked.Decrement(ref inside);
                queue.Exit();
            }
        }))];
        Worker[] freezers = [.. Enumerable.Range(0, 2).Select(_ => new Worker(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                queue.Freeze();
                if (Volatile.Read(ref inside) != 0)
                    Interlocked.Increment(ref violations);
                queue.Unfreeze();
            }
        }))];
        Array.ForEach(freezers, each => each.Join("a freeze to end"));
        Volatile.Write(ref stop, true);
        Array.ForEach(users, each => each.Join("the queue to open"));
        Assert.Equal(0, violations);
        Assert.False(queue.IsFrozen);
    }
}
