using System.Diagnostics;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class BackgroundReclaimerTests
{
    [Fact]
    public void The_thread_starts_at_the_first_retirement_and_is_a_background_thread()
    {
        using var domain = new EpochDomain();
        domain.Enter().Dispose();
        domain.Synchronize();
        Assert.Equal(0, EpochState.Reclaimer(domain));

        Thread thread = RetireAndGetThread(domain);
        Assert.True(thread.IsBackground);
        Assert.False(thread.IsThreadPoolThread);
        Assert.Equal("Percpu epoch reclaimer", thread.Name);
    }

    [Fact]
    public void The_thread_ends_when_idle_and_another_starts_at_the_next_retirement()
    {
        using var domain = new EpochDomain();
        for (int i = 0; i < 2; i++)
        {
            Thread thread = RetireAndGetThread(domain);
            Worker.AwaitTrue(() => !thread.IsAlive);
            Assert.Equal(0, EpochState.Reclaimer(domain));
        }
    }

    [Fact]
    public void A_sleeping_thread_wakes_at_a_retirement()
    {
        using var domain = new EpochDomain();
        for (int i = 0; i < 20; i++)
        {
            RetireAndGetThread(domain);
            Worker.AwaitTrue(() => EpochState.Reclaimer(domain) != 1); // Asleep, or on a slow machine ended.
        }
    }

    [Fact]
    public void What_a_reader_held_up_is_reclaimed_after_it_left_without_another_call()
    {
        using var domain = new EpochDomain();
        using var ran = new ManualResetEventSlim();
        using (new ParkedReader(domain))
        {
            domain.Retire(ran.Set);
            Assert.False(ran.IsSet);
        }
        Worker.Await(ran);
    }

    [Fact]
    public void No_retirement_is_lost_between_the_end_of_the_idle_time_and_the_end_of_the_thread()
    {
        // Many domains at once, each retiring again just when its thread is about to end: before, at and after the second.
        var workers = new List<Worker>();
        for (int i = 0; i < 40; i++)
        {
            int jitter = i - 20;
            workers.Add(new Worker(() =>
            {
                using var domain = new EpochDomain();
                for (int round = 0; round < 2; round++)
                {
                    RetireAndGetThread(domain);
                    Thread.Sleep(1000 + jitter / 4);
                }
                RetireAndGetThread(domain);
            }));
        }
        workers.ForEach(worker => worker.Join());
    }

    [Fact]
    public void What_a_host_leaves_after_Reclaim_is_not_forgotten_by_a_thread_that_went_to_sleep_meanwhile()
    {
        using var domain = new EpochDomain();
        int ran = 0;
        var clock = Stopwatch.StartNew();
        for (int i = 1; i <= 30_000 && clock.ElapsedMilliseconds < 2_000; i++)
        {
            using (domain.Enter())
            {
                domain.Retire(() => Volatile.Write(ref ran, ran + 1));
                for (int spin = i % 61; spin > 0; spin--)
                    Volatile.Read(ref ran);
                domain.Reclaim(); // May take the node from the thread; our own section holds it up, so it stays waiting.
            }
            for (int spin = 0; spin < 2_000 && Volatile.Read(ref ran) < i; spin++)
            {
            }
            Worker.AwaitTrue(() => Volatile.Read(ref ran) >= i);
        }
    }

    [Fact]
    public void Callbacks_do_not_inherit_the_execution_context_of_whoever_retired_first()
    {
        using var domain = new EpochDomain();
        var ambient = new AsyncLocal<string?> { Value = "of the first to retire" };
        string? seen = "nothing ran";
        using var ran = new ManualResetEventSlim();
        domain.Retire(() =>
        {
            seen = ambient.Value;
            ran.Set();
        });
        Worker.Await(ran);
        Assert.Null(seen);
    }

    private static Thread RetireAndGetThread(EpochDomain domain)
    {
        Thread? thread = null;
        using var ran = new ManualResetEventSlim();
        domain.Retire(() =>
        {
            thread = Thread.CurrentThread;
            ran.Set();
        });
        Worker.Await(ran);
        return thread!;
    }
}
