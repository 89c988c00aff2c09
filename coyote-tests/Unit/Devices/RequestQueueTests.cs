using Percpu.Pagemap;

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
        Thread[] waiters = [.. Enumerable.Range(0, 5).Select(_ => new Thread(() =>
        {
            queue.Enter();
            Interlocked.Increment(ref entered);
            queue.Exit();
        }))];
        Array.ForEach(waiters, each => each.Start());
        queue.Unfreeze();
        Thread.Sleep(30);
        Assert.Equal(0, Volatile.Read(ref entered));
        queue.Unfreeze();
        Array.ForEach(waiters, each => each.Join());
        Assert.Equal(5, entered);
        Assert.Throws<InvalidOperationException>(queue.Unfreeze);
    }

    [Fact]
    public void I52_freezing_waits_for_those_inside()
    {
        using var queue = new RequestQueue();
        queue.Enter();
        var freezer = new Thread(queue.Freeze);
        freezer.Start();
        Assert.False(freezer.Join(30));
        Assert.Throws<InvalidOperationException>(queue.Unfreeze); // Its freeze has not returned.
        Assert.True(queue.IsFrozen);
        queue.Exit();
        freezer.Join();
        queue.Unfreeze();
        Assert.True(queue.TryEnter());
        queue.Exit();
    }

    [Fact]
    public void I52_a_dying_queue_fails_everybody_also_those_who_wait()
    {
        var queue = new RequestQueue();
        queue.Freeze();
        Exception? caught = null;
        var waiter = new Thread(() => caught = Record.Exception(queue.Enter));
        waiter.Start();
        Assert.False(waiter.Join(30));
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
    }

    [Fact]
    public void I52_freezes_from_many_threads_under_traffic_lose_nothing()
    {
        using var queue = new RequestQueue();
        bool stop = false;
        int inside = 0, violations = 0;
        Thread[] users = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                queue.Enter();
                Interlocked.Increment(ref inside);
                Interlocked.Decrement(ref inside);
                queue.Exit();
            }
        }))];
        Thread[] freezers = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                queue.Freeze();
                if (Volatile.Read(ref inside) != 0)
                    Interlocked.Increment(ref violations);
                queue.Unfreeze();
            }
        }))];
        Array.ForEach(users, each => each.Start());
        Array.ForEach(freezers, each => each.Start());
        Array.ForEach(freezers, each => each.Join());
        Volatile.Write(ref stop, true);
        Array.ForEach(users, each => each.Join());
        Assert.Equal(0, violations);
        Assert.False(queue.IsFrozen);
    }
}
