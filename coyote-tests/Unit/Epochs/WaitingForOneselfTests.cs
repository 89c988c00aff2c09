using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class WaitingForOneselfTests
{
    [Fact]
    public void I37_synchronize_inside_a_read_section_throws() => Worker.RunWaiting("readers, and a domain to be disposed of", () =>
    {
        using var domain = new EpochDomain();
        using (domain.Enter())
        {
            Assert.Throws<InvalidOperationException>(domain.Synchronize);
            using (domain.Enter())
                Assert.Throws<InvalidOperationException>(domain.Synchronize);
            Assert.Throws<InvalidOperationException>(domain.Synchronize);
        }
        domain.Synchronize();
    });

    [Fact]
    public void I37_Barrier_and_Dispose_inside_a_read_section_throw_and_change_nothing()
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        bool ran = false;
        domain.Retire(() => ran = true);
        // On a thread of its own: what does not throw there waits for itself.
        var worker = new Worker(() =>
        {
            using (domain.Enter())
            {
                Assert.Throws<InvalidOperationException>(domain.Dispose);
                Assert.Throws<InvalidOperationException>(domain.Barrier);
                using EpochReader nested = domain.Enter(); // Not disposed.
                domain.Retire(() => { });
            }
        });
        Worker.AwaitTrue(() => !worker.Thread.IsAlive || RefusesReaders(domain));
        Assert.False(RefusesReaders(domain), "Dispose began inside a read section of the domain.");
        worker.Join("its own read section, in Barrier");
        Assert.False(ran);
        Worker.RunWaiting("readers and callbacks, in Dispose", domain.Dispose);
        Assert.True(ran);
    }

    [Fact]
    public void I37_Barrier_and_Dispose_inside_a_reclaim_callback_throw()
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        int refused = 0;
        domain.Retire(() =>
        {
            Assert.Throws<InvalidOperationException>(domain.Dispose);
            Assert.Throws<InvalidOperationException>(domain.Barrier);
            Assert.Equal(0, domain.Reclaim());
            domain.Synchronize(); // Waits for readers, not for callbacks: legal.
            refused++;
        });
        // On a thread of its own, too.
        var worker = new Worker(domain.Barrier);
        Worker.AwaitTrue(() => !worker.Thread.IsAlive || RefusesReaders(domain));
        Assert.False(RefusesReaders(domain), "Dispose began inside a callback of the domain.");
        worker.Join("the callback it is in, in Barrier");
        Assert.Equal(1, refused);
        Worker.RunWaiting("readers and callbacks, in Dispose", domain.Dispose);
    }

    [Fact]
    public void I37_the_same_holds_on_the_background_thread()
    {
        var domain = new EpochDomain(); // Disposed of in the end only: one whose callback waits for itself has none.
        Exception? thrown = null;
        using var ran = new ManualResetEventSlim();
        domain.Retire(() =>
        {
            thrown = Record.Exception(domain.Barrier);
            ran.Set();
        });
        Worker.Await(ran);
        Assert.IsType<InvalidOperationException>(thrown);
        Worker.RunWaiting("readers and callbacks, in Dispose", domain.Dispose);
    }

    [Fact]
    public void I37_waiting_inside_a_section_or_callback_of_another_domain_is_legal() => Worker.RunWaiting("readers or callbacks of another domain, and domains to be disposed of", () =>
    {
        using var one = new EpochDomain();
        using var other = new EpochDomain();
        using (one.Enter())
        {
            other.Synchronize();
            other.Barrier();
        }
        one.Retire(other.Barrier);
        one.Barrier();
    });

    [Fact]
    public void I37_registering_and_unregistering_a_page_map_inside_a_read_section_throws_and_changes_nothing() => Worker.RunWaiting("readers, and a domain to be disposed of", () =>
    {
        using var domain = new EpochDomain();
        var table = new PagemapTable(domain);
        using var reference = new PercpuRef();
        var range = new PfnRange(new Pfn(0), 512);
        using (domain.Enter())
            Assert.Throws<InvalidOperationException>(() => table.Register(range, reference));
        Assert.Null(table.GetDevPagemap(new Pfn(0)));

        DevPagemap map = table.Register(range, reference);
        using (domain.Enter())
        {
            Assert.Throws<InvalidOperationException>(() => table.Unregister(map));
            Assert.Same(map, table.GetDevPagemap(new Pfn(0)));
        }
        PagemapTable.PutDevPagemap(map);
        reference.Kill();
        table.Unregister(map);
    });

    private static bool RefusesReaders(EpochDomain domain) => Caught.By(() => domain.Enter().Dispose()) is ObjectDisposedException;
}
