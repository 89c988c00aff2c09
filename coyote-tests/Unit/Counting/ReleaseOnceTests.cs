namespace Percpu.Unit.Counting;

public sealed class ReleaseOnceTests
{
    private int _released;
    private int _releasedOn;

    [Fact]
    public void I10_the_kill_releases_when_nothing_is_held()
    {
        PercpuRef reference = Create();
        reference.Kill();
        AssertReleasedHere();
    }

    [Fact]
    public void I10_the_last_put_releases_on_its_thread()
    {
        PercpuRef reference = Create();
        reference.GetMany(2);
        reference.Kill();
        Threads.Start(reference.Put).Join();
        Assert.Equal(0, _released);
        Threads.Start(() =>
        {
            reference.Put();
            AssertReleasedHere();
        }).Join();
    }

    [Fact]
    public void I10_a_failing_TryGet_releases_when_its_increment_hid_the_zero()
    {
        PercpuRef reference = Create();
        using var reader = new Stepper();
        StoppedOperation get = reader.Do(() => Inside.Begin(reference, 1));
        reference.Kill();
        Assert.Equal(0, _released);
        reader.Do(() =>
        {
            Assert.False(get.FinishTryGet());
            AssertReleasedHere();
        });
    }

    [Fact]
    public void I10_a_put_that_counts_only_after_the_scan_releases_when_it_is_the_last()
    {
        PercpuRef reference = Create();
        using var putter = new Stepper();
        reference.Get();
        StoppedOperation put = putter.Do(() => Inside.Look(reference, -1));
        reference.Kill();
        Assert.Equal(0, _released);
        putter.Do(() =>
        {
            put.Add();
            put.FinishPut();
            AssertReleasedHere();
        });
    }

    [Fact]
    public void I10_a_get_that_counts_only_after_the_release_is_undone_and_fails()
    {
        PercpuRef reference = Create();
        using var reader = new Stepper();
        StoppedOperation get = reader.Do(() => Inside.Look(reference, 1));
        reference.Kill();
        AssertReleasedHere();
        reader.Do(get.Add);
        Assert.False(reader.Do(() => get.FinishTryGet()));
        Assert.Equal(1, _released);
        Assert.Equal(0, Inside.Count(reference));
    }

    [Fact]
    public void I10_a_put_seen_by_the_scan_and_finished_late_is_counted_once_and_the_next_one_releases()
    {
        PercpuRef reference = Create();
        using Stepper first = new(), second = new();
        reference.GetMany(2);
        StoppedOperation late = first.Do(() => Inside.Begin(reference, -1));
        reference.Kill();
        Assert.Equal(0, _released);
        first.Do(late.FinishPut);
        Assert.Equal(0, _released);
        second.Do(() =>
        {
            reference.Put();
            AssertReleasedHere();
        });
    }

    [Fact]
    public void I10_a_put_counted_before_the_kill_is_released_by_the_kill_and_ends_quietly()
    {
        PercpuRef reference = Create();
        using var putter = new Stepper();
        reference.Get();
        StoppedOperation late = putter.Do(() => Inside.Begin(reference, -1));
        reference.Kill();
        AssertReleasedHere();
        putter.Do(late.FinishPut);
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I10_two_stragglers_that_hide_the_zero_from_each_other_release_once()
    {
        PercpuRef reference = Create();
        using Stepper first = new(), second = new();
        StoppedOperation one = first.Do(() => Inside.Begin(reference, 1)), other = second.Do(() => Inside.Begin(reference, 1));
        reference.Kill();
        Assert.False(first.Do(one.FinishTryGetLive));
        Assert.Equal(0, _released);
        Assert.False(second.Do(other.FinishTryGetLive));
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I10_a_straggler_on_a_held_dying_reference_gets_it_and_releases_nothing()
    {
        PercpuRef reference = Create();
        reference.Get();
        using var reader = new Stepper();
        StoppedOperation get = reader.Do(() => Inside.Begin(reference, 1));
        reference.Kill();
        Assert.True(reader.Do(() => get.FinishTryGet()));
        reference.Put();
        Assert.Equal(0, _released);
        reader.Do(reference.Put);
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I10_on_real_threads_release_runs_once_and_not_before_the_last_put()
    {
        for (int round = 0; round < 200; round++)
        {
            int held = 0, tooEarly = 0;
            _released = 0;
            var reference = new PercpuRef(_ =>
            {
                tooEarly += Volatile.Read(ref held);
                Interlocked.Increment(ref _released);
            });
            Action read = () =>
            {
                for (int i = 0; i < 1_000_000 && reference.TryGet(); i++) // Whoever gets puts, on the last turn too.
                {
                    Interlocked.Increment(ref held);
                    Interlocked.Decrement(ref held);
                    reference.Put();
                }
            };
            Threads.Run(read, read, reference.Kill);
            Assert.True(reference.WaitForRelease(Threads.Bound));
            Assert.Equal(1, _released);
            Assert.Equal(0, tooEarly);
        }
    }

    private PercpuRef Create() => new(_ =>
    {
        Interlocked.Increment(ref _released);
        _releasedOn = Environment.CurrentManagedThreadId;
    });

    private void AssertReleasedHere()
    {
        Assert.Equal(1, _released);
        Assert.Equal(Environment.CurrentManagedThreadId, _releasedOn);
    }
}
