using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

public sealed unsafe class StoppedThreadTests
{
    private int _released;

    [Fact]
    public void I20_kill_returns_with_readers_stopped_between_their_two_looks_at_the_mode()
    {
        var reference = new PercpuRef(_ => Interlocked.Increment(ref _released));
        using Stepper getter = new(), putter = new();
        reference.Get();
        StoppedOperation get = getter.Do(() => Inside.Begin(reference, 1));
        StoppedOperation put = putter.Do(() => Inside.Begin(reference, -1));

        reference.Kill(); // Would hang here if it waited for either.

        Assert.True(reference.IsDying);
        putter.Do(put.FinishPut);
        Assert.Equal(0, _released); // The undone get still hides the zero.
        Assert.False(getter.Do(get.FinishTryGetLive));
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I20_every_switch_passes_a_stopped_reader_and_its_count_stays_right()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        using var reader = new Stepper();
        StoppedOperation get = reader.Do(() => Inside.Begin(reference, 1));
        reference.SwitchToAtomic();
        reference.SwitchToPercpu();
        reference.Get();
        reference.Kill();
        reference.Resurrect();
        Assert.True(reader.Do(get.FinishTryGetLive)); // It sees the mode it saw at first: taken in this life.
        Assert.Equal(3, Inside.Count(reference));
        get = reader.Do(() => Inside.Begin(reference, 1));
        reference.SwitchToAtomic();
        Assert.True(reader.Do(get.FinishTryGetLive)); // Undone, and taken again from the shared count.
        Assert.Equal(4, Inside.Count(reference));
        reference.PutMany(3);
    }

    [Fact]
    public void I20_a_batch_kill_passes_a_stopped_reader()
    {
        PercpuRef[] references = KillAllTests.Create(3, _ => Interlocked.Increment(ref _released));
        using var reader = new Stepper();
        StoppedOperation get = reader.Do(() => Inside.Begin(references[1], 1));
        PercpuRef.KillAll(references);
        Assert.Equal(2, _released);
        Assert.False(reader.Do(get.FinishTryGetLive));
        Assert.Equal(3, _released);
    }

    [Fact]
    public void I21_the_object_may_be_dropped_after_its_last_put_though_a_thread_is_still_inside_put()
    {
        using var putter = new Stepper();
        (StoppedOperation put, long offset, nint words) = Prepare(putter);
        Assert.Equal(1, _released);
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            Collector.AwaitFinalizers();
            foreach (PercpuRef other in KillAllTests.Create(2000, null))
            {
                Assert.NotEqual(offset, Inside.Number(other)); // Not recycled: the stopped thread still reaches it.
                Assert.NotEqual(words, (nint)Inside.Words(other));
            }
        }
        putter.Do(put.FinishPut);
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I22_an_ended_threads_counts_stay_and_references_it_took_may_be_put_by_others()
    {
        var reference = new PercpuRef(_ => Interlocked.Increment(ref _released));
        for (int i = 0; i < 20; i++)
            Threads.Start(() => Assert.True(reference.TryGetLiveMany(3))).Join();
        Threads.Start(() => reference.PutMany(29)).Join();
        reference.Kill();
        reference.PutMany(30);
        Assert.Equal(0, _released);
        Threads.Start(reference.Put).Join();
        Assert.Equal(1, _released);
    }

    private (StoppedOperation Put, long Offset, nint Words) Prepare(Stepper putter)
    {
        var reference = new PercpuRef(_ => Interlocked.Increment(ref _released));
        reference.Get();
        StoppedOperation put = putter.Do(() => Inside.Begin(reference, -1));
        reference.Kill();
        reference.Dispose();
        return (put, Inside.Number(reference), (nint)Inside.Words(reference));
    }
}
