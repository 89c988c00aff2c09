using System.Diagnostics;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class DomainDisposalTests
{
    private static readonly EpochDomainOptions HostDriven = new() { BackgroundReclaim = false };

    [Fact]
    public async Task A_disposed_domain_refuses_readers_retirements_and_grace_periods()
    {
        var domain = new EpochDomain();
        domain.Enter().Dispose();
        domain.Dispose();
        domain.Dispose();

        Assert.Throws<ObjectDisposedException>(() => domain.Enter());
        Assert.Throws<ObjectDisposedException>(() => domain.Retire(() => { }));
        Assert.Throws<ObjectDisposedException>(() => domain.Retire(1, _ => { }));
        Assert.Throws<ObjectDisposedException>(domain.Synchronize);
        Assert.Throws<ObjectDisposedException>(() => domain.StartGracePeriod());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => domain.SynchronizeAsync(TestContext.Current.CancellationToken));
        Worker.Run(() => Assert.Throws<ObjectDisposedException>(() => domain.Enter())); // A thread without an area.
        domain.Barrier();
        Assert.Equal(0, domain.Reclaim());
    }

    [Fact]
    public void Dispose_waits_for_the_readers_inside_and_runs_what_was_retired()
    {
        var domain = new EpochDomain(HostDriven);
        bool leaving = false, ran = false;
        domain.Retire(() => ran = Volatile.Read(ref leaving));
        using var reader = new ParkedReader(domain, beforeLeaving: () => Volatile.Write(ref leaving, true));
        using var disposer = new Worker(domain.Dispose);
        Worker.AwaitTrue(() => Record.Exception(() => domain.StartGracePeriod()) is ObjectDisposedException);
        Assert.False(ran);

        reader.Leave();
        disposer.Join();
        Assert.True(ran);
    }

    [Fact]
    public void A_host_driven_domain_starts_no_thread_for_a_retirement_beside_its_disposal()
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 500 && clock.ElapsedMilliseconds < 1_000; i++)
        {
            var domain = new EpochDomain(HostDriven);
            int accepted = 0, ran = 0;
            using (new Worker(() =>
            {
                while (Caught.By(() => domain.Retire(() => ran++)) is null)
                    accepted++;
            }))
            {
                domain.Dispose();
            }
            Assert.Equal(0, EpochState.Reclaimer(domain));
            Assert.Equal(accepted, ran); // All of it by Dispose.
        }
    }

    [Fact]
    public void Disposing_the_shared_domain_does_nothing()
    {
        EpochDomain.Shared.Dispose();

        bool ran = false;
        using (EpochDomain.Shared.Enter())
            EpochDomain.Shared.Dispose(); // Not even a check.
        EpochDomain.Shared.Retire(() => ran = true);
        EpochDomain.Shared.Barrier();
        Assert.True(ran);
        Assert.Same(EpochDomain.Shared, EpochDomain.Shared);
    }

    [Fact]
    public void A_retirement_that_a_racing_Dispose_did_not_refuse_is_reclaimed()
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 500 && clock.ElapsedMilliseconds < 2_000; i++)
        {
            var domain = new EpochDomain(HostDriven);
            int accepted = 0, ran = 0;
            using var started = new ManualResetEventSlim();
            using (new Worker(() =>
            {
                try
                {
                    while (true)
                    {
                        domain.Retire(() => Interlocked.Increment(ref ran));
                        accepted++;
                        started.Set();
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            }))
            {
                started.Wait(TestContext.Current.CancellationToken);
                domain.Dispose();
            }
            Worker.AwaitTrue(() => Volatile.Read(ref ran) == accepted);
        }
    }

    [Fact]
    public void A_new_domain_in_the_place_of_a_collected_one_has_no_readers()
    {
        // More than a slab of domains, each dropped while a section of this thread is open and will never be left.
        Worker.Run(() =>
        {
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < 600; i++)
                    Drop();
                Collector.CollectTwice();
            }
            for (int i = 0; i < 1200; i++)
                new EpochDomain(HostDriven).Synchronize();
        });

        static void Drop() => new EpochDomain(HostDriven).Enter();
    }
}
