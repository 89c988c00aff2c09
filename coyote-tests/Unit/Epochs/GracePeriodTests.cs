using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class GracePeriodTests
{
    private static readonly EpochDomainOptions HostDriven = new() { BackgroundReclaim = false };

    [Fact]
    public void I30_what_was_retired_is_not_reclaimed_while_an_earlier_reader_is_inside()
    {
        using var domain = new EpochDomain(HostDriven);
        int reclaimed = 0;
        using (new ParkedReader(domain))
        {
            domain.Retire(() => reclaimed++);

            Assert.Equal(0, domain.Reclaim());
            Assert.Equal(0, domain.Reclaim());
            Assert.Equal(0, reclaimed);
        }
        Assert.Equal(1, domain.Reclaim());
        Assert.Equal(1, reclaimed);
    }

    [Fact]
    public void I30_Synchronize_returns_only_after_an_earlier_reader_has_left()
    {
        using var domain = new EpochDomain(HostDriven);
        bool leaving = false;
        using var reader = new ParkedReader(domain, beforeLeaving: () => Volatile.Write(ref leaving, true));
        using var started = new ManualResetEventSlim();
        using var waiter = new Worker(() =>
        {
            started.Set();
            domain.Synchronize();
            Assert.True(Volatile.Read(ref leaving));
        });
        Worker.Await(started);
        Thread.Sleep(20); // Time for a Synchronize that does not wait to show itself; it decides nothing else.
        reader.LetGo();
    }

    [Fact]
    public void I30_Barrier_returns_only_after_an_earlier_reader_has_left()
    {
        using var domain = new EpochDomain(HostDriven);
        bool leaving = false;
        using var reader = new ParkedReader(domain, beforeLeaving: () => Volatile.Write(ref leaving, true));
        using var started = new ManualResetEventSlim();
        using var waiter = new Worker(() =>
        {
            started.Set();
            domain.Barrier();
            Assert.True(Volatile.Read(ref leaving));
        });
        Worker.Await(started);
        Thread.Sleep(20); // As above.
        reader.LetGo();
    }

    [Fact]
    public void I30_leaving_a_nested_section_does_not_leave_the_outer_one()
    {
        using var domain = new EpochDomain(HostDriven);
        EpochCookie cookie;
        using (domain.Enter())
        {
            using (domain.Enter())
                cookie = domain.StartGracePeriod();

            Assert.False(domain.HasElapsed(cookie));
        }
        Assert.True(domain.HasElapsed(cookie));
    }

    [Fact]
    public void I30_a_nested_section_that_began_after_the_retirement_counts_as_the_outer_one()
    {
        using var domain = new EpochDomain(HostDriven);
        using (domain.Enter())
        {
            EpochCookie cookie = domain.StartGracePeriod();
            using (domain.Enter())
                Assert.False(domain.HasElapsed(cookie));
            Assert.False(domain.HasElapsed(cookie));
        }
    }

    [Fact]
    public void I32_what_is_retired_during_a_grace_period_waits_for_the_readers_that_came_meanwhile()
    {
        using var domain = new EpochDomain(HostDriven);
        var order = new List<string>();
        var early = new ParkedReader(domain);
        domain.Retire(() => order.Add("first"));
        Assert.Equal(0, domain.Reclaim()); // Its grace period has begun.

        var late = new ParkedReader(domain);
        domain.Retire(() => order.Add("second"));
        early.Leave();
        Assert.Equal(1, domain.Reclaim());
        Assert.Equal(["first"], order);
        Assert.Equal(0, domain.Reclaim());

        late.Leave();
        Assert.Equal(1, domain.Reclaim());
        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public void A_reader_that_came_after_the_beginning_does_not_delay_a_grace_period()
    {
        using var domain = new EpochDomain(HostDriven);
        EpochCookie cookie = domain.StartGracePeriod();
        using var late = new ParkedReader(domain);

        Assert.True(domain.HasElapsed(cookie));
    }

    [Fact]
    public void Domains_do_not_wait_for_readers_of_each_other()
    {
        using var busy = new EpochDomain(HostDriven);
        using var quiet = new EpochDomain(HostDriven);
        using var reader = new ParkedReader(busy);
        using EpochReader own = busy.Enter();

        quiet.Synchronize();
        quiet.Barrier();
    }

    [Fact]
    public void Each_of_many_domains_has_words_of_its_own()
    {
        EpochDomain[] domains = [.. Enumerable.Range(0, 1200).Select(_ => new EpochDomain(HostDriven))];
        using (domains[600].Enter())
        {
            for (int i = 0; i < domains.Length; i++)
                Assert.Equal(i != 600, domains[i].HasElapsed(domains[i].StartGracePeriod()));
        }
    }
}
