using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class ReaderThreadsTests
{
    private static readonly EpochDomainOptions HostDriven = new() { BackgroundReclaim = false };

    [Fact]
    public void I34_a_thread_that_ended_inside_a_section_does_not_hang_a_grace_period()
    {
        using var domain = new EpochDomain(HostDriven);
        Worker.Run(() => domain.Enter());
        Worker.Run(() =>
        {
            domain.Enter();
            domain.Enter();
        });

        using var waiter = new Worker(domain.Synchronize);
        waiter.Join();
    }

    [Fact]
    public void I34_a_thread_that_ends_inside_a_section_during_a_grace_period_ends_the_wait()
    {
        using var domain = new EpochDomain(HostDriven);
        using var inside = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        using var dying = new Worker(() =>
        {
            domain.Enter();
            inside.Set();
            Worker.Await(end);
        });
        Worker.Await(inside);
        EpochCookie cookie = domain.StartGracePeriod();
        Assert.False(domain.HasElapsed(cookie));

        end.Set();
        dying.Join();
        Assert.True(domain.HasElapsed(cookie));
    }

    [Fact]
    public void I34_a_thread_that_takes_over_the_area_of_one_that_ended_inside_starts_outside()
    {
        using var domain = new EpochDomain(HostDriven);
        for (int i = 0; i < 20; i++)
        {
            Worker.Run(() => domain.Enter());
            Worker.Run(() =>
            {
                domain.Synchronize(); // Throws for a thread that is inside.
                using (domain.Enter())
                    Assert.Throws<InvalidOperationException>(domain.Synchronize);
                domain.Synchronize();
            });
        }
    }

    [Fact]
    public void I34_a_reader_on_a_thread_that_started_during_a_grace_period_holds_up_the_next_one_only()
    {
        using var domain = new EpochDomain(HostDriven);
        var early = new ParkedReader(domain);
        EpochCookie first = domain.StartGracePeriod();
        var late = new ParkedReader(domain); // A new thread, and a new area: the early one is alive.
        EpochCookie second = domain.StartGracePeriod();

        Assert.False(domain.HasElapsed(first));
        early.Leave();
        Assert.True(domain.HasElapsed(first));
        Assert.False(domain.HasElapsed(second));
        late.Leave();
        Assert.True(domain.HasElapsed(second));
    }

    [Fact]
    public void I34_a_reader_on_a_taken_over_area_is_seen()
    {
        using var domain = new EpochDomain(HostDriven);
        for (int i = 0; i < 20; i++)
        {
            Worker.Run(() => domain.Enter().Dispose());
            using var reader = new ParkedReader(domain);
            EpochCookie cookie = domain.StartGracePeriod();
            Assert.False(domain.HasElapsed(cookie));
            reader.Leave();
            Assert.True(domain.HasElapsed(cookie));
        }
    }

    [Fact]
    public void I34_threads_that_come_and_go_neither_hang_grace_periods_nor_are_hidden_from_them()
    {
        using var domain = new EpochDomain(HostDriven);
        object?[] shared = [new int[1]];
        bool stop = false;
        void Churn()
        {
            while (!Volatile.Read(ref stop))
            {
                Worker.Run(() =>
                {
                    EpochReader reader = domain.Enter();
                    Assert.Equal(0, Volatile.Read(ref ((int[])Volatile.Read(ref shared[0])!)[0]));
                    if (Environment.CurrentManagedThreadId % 2 == 0)
                        reader.Dispose(); // The others end inside.
                });
            }
        }
        using (new Worker(Churn))
        using (new Worker(Churn))
        {
            for (int i = 0; i < 300; i++)
            {
                int[] old = (int[])Interlocked.Exchange(ref shared[0], new int[1])!;
                domain.Synchronize();
                Volatile.Write(ref old[0], 1);
            }
            Volatile.Write(ref stop, true);
        }
    }
}
