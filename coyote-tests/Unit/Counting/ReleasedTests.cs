using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

public sealed class ReleasedTests
{
    [Fact]
    public void I11_Released_completes_only_after_the_callback_has_returned()
    {
        Task? seen = null;
        bool completedInside = true, waitedInside = true;
        var reference = new PercpuRef(self =>
        {
            seen = self.Released;
            completedInside = seen.IsCompleted;
            waitedInside = self.WaitForRelease(TimeSpan.Zero);
        });
        reference.Kill();
        Assert.False(completedInside);
        Assert.False(waitedInside);
        Assert.Same(seen, reference.Released);
        Assert.True(seen!.IsCompletedSuccessfully);
        Assert.True(reference.WaitForRelease(TimeSpan.Zero));
    }

    [Fact]
    public void I11_an_exception_of_release_reaches_the_putting_thread_and_the_task_and_leaves_it_released()
    {
        var thrown = new IOException("release");
        var reference = new PercpuRef(_ => throw thrown);
        reference.Get();
        Task released = reference.Released;
        reference.Kill();

        Assert.Same(thrown, Assert.Throws<IOException>(reference.Put));

        Assert.Same(thrown, released.Exception!.InnerException);
        Assert.True(reference.IsZero);
        Assert.True(reference.WaitForRelease(TimeSpan.Zero));
        Assert.True(reference.WaitForRelease(Timeout.InfiniteTimeSpan));
        Assert.False(reference.TryGet());
    }

    [Fact]
    public async Task I11_continuations_of_Released_never_run_on_the_putting_thread()
    {
        var reference = new PercpuRef();
        int continuedOn = 0;
        Task continued = reference.Released.ContinueWith(
            _ => continuedOn = Environment.CurrentManagedThreadId,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        int killedOn = 0;
        using (var killer = new Stepper())
        {
            killer.Do(() =>
            {
                killedOn = Environment.CurrentManagedThreadId;
                reference.Kill();
            });
            await continued;
        }
        Assert.NotEqual(killedOn, continuedOn);
    }

    [Fact]
    public void Reinit_starts_a_new_task_and_leaves_the_old_one_completed()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        Task first = reference.Released;
        reference.Kill();
        reference.Reinit();
        Assert.True(first.IsCompletedSuccessfully);
        Assert.NotSame(first, reference.Released);
        Assert.False(reference.Released.IsCompleted);
        Assert.False(reference.WaitForRelease(TimeSpan.Zero));
        reference.Kill();
        Assert.True(reference.Released.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resurrect_cancels_the_old_task_and_starts_a_new_one(bool asked)
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        reference.Get();
        Task? first = asked ? reference.Released : null;
        reference.Kill();
        reference.Resurrect();
        Assert.True(first is null || first.IsCanceled);
        Assert.False(reference.Released.IsCompleted);
        reference.Kill();
        reference.Put();
        Assert.True(reference.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_wait_does_not_take_a_resurrected_life_for_a_release()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        reference.Get();
        reference.Kill();
        using var waiter = new Stepper();
        bool released = true;
        Task wait = waiter.Begin(() => released = reference.WaitForRelease(TimeSpan.FromMilliseconds(300)));
        Threads.WaitUntil(() => wait.IsCompleted || (waiter.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        reference.Resurrect();
        Stepper.Finish(wait);
        Assert.False(released);

        wait = waiter.Begin(() => released = reference.WaitForRelease(Timeout.InfiniteTimeSpan));
        Threads.WaitUntil(() => wait.IsCompleted || (waiter.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        Assert.False(wait.IsCompleted, "It has not waited.");
        reference.Kill();
        reference.Resurrect();
        reference.Kill();
        reference.Put();
        Stepper.Finish(wait);
        Assert.True(released);
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void A_time_out_counts_from_the_beginning_of_the_wait_and_an_infinite_one_never_ends()
    {
        long anHourAgo = System.Diagnostics.Stopwatch.GetTimestamp() - 3600 * System.Diagnostics.Stopwatch.Frequency;
        Assert.Equal(Timeout.InfiniteTimeSpan, Inside.Left(null, Timeout.InfiniteTimeSpan, anHourAgo));
        Assert.Equal(TimeSpan.Zero, Inside.Left(null, TimeSpan.FromMinutes(30), anHourAgo));
        Assert.InRange(Inside.Left(null, TimeSpan.FromHours(3), anHourAgo), TimeSpan.FromHours(1), TimeSpan.FromHours(2));
    }

    [Fact]
    public void A_report_is_due_after_no_longer_than_a_thread_can_wait()
    {
        TimeSpan most = TimeSpan.FromMilliseconds(int.MaxValue - 1);
        foreach (TimeSpan time in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(1), most - TimeSpan.FromTicks(1), most])
            Assert.Equal(time, Inside.Longest(null, time));
        foreach (TimeSpan time in (TimeSpan[])[most + TimeSpan.FromTicks(1), most + TimeSpan.FromMilliseconds(1), TimeSpan.MaxValue])
            Assert.Equal(most, Inside.Longest(null, time));
    }

    [Fact]
    public void Who_only_looks_is_not_reported_as_waiting_however_soon_a_report_is_due()
    {
        const string What = "A look that waits for nothing";
        using var events = new PercpuEvents();
        var reference = new PercpuRef();
        reference.Get();
        reference.Kill();
        Assert.False(reference.WaitForEnd(reference.Life, Waiter.Uninterruptible, TimeSpan.Zero, What, TimeSpan.FromTicks(1)));
        Assert.Empty(events.Heard("StalledRelease", payload => payload.Contains(What)));
        reference.Put();
        Assert.True(reference.WaitForEnd(reference.Life, Waiter.Uninterruptible, TimeSpan.Zero, What, TimeSpan.FromTicks(1)));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(int.MaxValue)]
    public void A_time_out_out_of_range_throws(double milliseconds)
    {
        using var reference = new PercpuRef();
        ArgumentOutOfRangeException thrown = Assert.Throws<ArgumentOutOfRangeException>(
            () => { reference.WaitForRelease(TimeSpan.FromMilliseconds(milliseconds)); });
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), thrown.ActualValue);
    }
}
