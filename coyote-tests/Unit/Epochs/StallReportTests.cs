using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class StallReportTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void I35_a_stalled_reader_delays_reclamation_but_neither_readers_nor_Retire()
    {
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        int reclaimed = 0;
        using (new ParkedReader(domain))
        {
            for (int i = 0; i < 100; i++)
            {
                domain.Retire(() => reclaimed++);
                domain.Reclaim();
                using EpochReader reader = domain.Enter();
            }
            Worker.Run(() =>
            {
                using EpochReader reader = domain.Enter();
                domain.Retire(() => reclaimed++);
            });
            Assert.Equal(0, reclaimed);
        }
        domain.Barrier();
        Assert.Equal(101, reclaimed);
    }

    [Fact]
    public void I35_the_background_thread_reports_which_thread_stalls_and_for_how_long()
    {
        using var events = new PercpuEvents();
        using var domain = new EpochDomain(new EpochDomainOptions { StallReportAfter = Soon });
        string name = NewName();
        using var reader = new ParkedReader(domain, name);
        domain.Retire(() => { });

        AwaitReport(events, name, reader.ThreadId);
    }

    [Fact]
    public void I35_a_host_that_reclaims_itself_gets_the_report()
    {
        using var events = new PercpuEvents();
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = Soon });
        string name = NewName();
        using var reader = new ParkedReader(domain, name);
        domain.Retire(() => { });

        Worker.AwaitTrue(() => domain.Reclaim() == 0 && Reports(events, name).Count > 0);
        AwaitReport(events, name, reader.ThreadId);
    }

    [Fact]
    public void I35_Synchronize_reports_the_reader_it_waits_for()
    {
        using var events = new PercpuEvents();
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = Soon });
        string name = NewName();
        using var reader = new ParkedReader(domain, name);
        using var waiter = new Worker(domain.Synchronize);

        AwaitReport(events, name, reader.ThreadId);
        reader.Leave();
    }

    [Fact]
    public async Task I35_SynchronizeAsync_reports_the_reader_it_waits_for()
    {
        using var events = new PercpuEvents();
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = Soon });
        string name = NewName();
        using var reader = new ParkedReader(domain, name);
        Task elapsed = domain.SynchronizeAsync(TestContext.Current.CancellationToken);

        AwaitReport(events, name, reader.ThreadId);
        reader.Leave();
        await elapsed;
    }

    [Fact]
    public void I35_reports_come_at_doubled_times_not_in_a_flood()
    {
        using var events = new PercpuEvents();
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = TimeSpan.FromTicks(1) });
        string name = NewName();
        var reader = new ParkedReader(domain, name);
        domain.Retire(() => { });
        Worker.AwaitTrue(() => domain.Reclaim() == 0 && Reports(events, name).Count >= 4);

        long[] waited = [.. Reports(events, name).Select(report => (long)report[2]!)];
        Assert.All(waited.Zip(waited.Skip(1)), pair => Assert.True(pair.First > 0 && pair.Second >= 2 * pair.First));
        reader.Leave();
        Worker.RunWaiting("the callback that was retired", domain.Dispose);
    }

    [Fact]
    public void I35_what_a_watch_has_noted_is_told_once_by_itself_or_by_the_copy_that_takes_it() => Worker.Run(() =>
    {
        string name = Thread.CurrentThread.Name = NewName();
        using var events = new PercpuEvents();
        var watch = new StallWatch(1);
        watch.Report();
        Assert.Empty(Reports(events, name)); // There is nothing to tell.
        Worker.AwaitTrue(() =>
        {
            watch.Note(ThreadIdentity.Current);
            watch.Report();
            return Reports(events, name).Count > 0;
        });
        watch.Report();
        Assert.Single(Reports(events, name));
        Worker.AwaitTrue(() =>
        {
            watch.Note(ThreadIdentity.Current);
            StallWatch taken = watch.Take();
            watch.Report();
            Assert.Single(Reports(events, name)); // It is the copy's now.
            taken.Report();
            return Reports(events, name).Count > 1;
        });
        watch.Report();
        Assert.Equal(2, Reports(events, name).Count);
        Assert.All(Reports(events, name), report => Assert.Equal(Environment.CurrentManagedThreadId, report[0]));
    });

    [Fact]
    public void The_time_to_a_report_must_be_positive()
    {
        foreach (TimeSpan time in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1), Timeout.InfiniteTimeSpan, TimeSpan.MinValue])
        {
            var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new EpochDomain(new EpochDomainOptions { StallReportAfter = time }));
            Assert.Equal(time, exception.ActualValue);
        }
        using var domain = new EpochDomain(new EpochDomainOptions { StallReportAfter = TimeSpan.MaxValue });
        domain.Synchronize();
    }

    private static string NewName() => "stalled " + Guid.NewGuid().ToString("N");

    private static List<object?[]> Reports(PercpuEvents events, string name) =>
        events.Heard("StalledReader", payload => (string?)payload[1] == name);

    private static void AwaitReport(PercpuEvents events, string name, int threadId)
    {
        Worker.AwaitTrue(() => Reports(events, name).Count > 0);
        object?[] report = Reports(events, name)[0];
        Assert.Equal(threadId, report[0]);
        Assert.True((long)report[2]! >= 1);
    }
}
