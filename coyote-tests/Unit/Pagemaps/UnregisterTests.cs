using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.Unit.Support;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

public sealed class UnregisterTests
{
    [Fact]
    public void I46_a_range_can_be_registered_again_after_it_was_unregistered()
    {
        var table = new PagemapTable();
        for (int i = 0; i < 50; i++)
        {
            DevPagemap map = table.Register(7 * Section, 600 * Section);
            Assert.Same(map, table.At(7 * Section + 3));
            table.TearDown(map);
            Assert.Equal(0, Height(table));
        }
    }

    [Fact]
    public void A_map_that_was_unregistered_can_be_collected_while_its_table_lives()
    {
        var table = new PagemapTable();
        WeakReference map = Unregistered(table);
        Collector.CollectUntil(() => !map.IsAlive);
        GC.KeepAlive(table);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Unregistered(PagemapTable table)
        {
            DevPagemap map = table.Register(0, 600 * Section);
            Assert.Same(map, table.At(Section));
            table.TearDown(map);
            return new WeakReference(map);
        }
    }

    [Fact]
    public void I46_a_range_that_was_refused_as_busy_can_be_registered_when_the_other_is_gone()
    {
        var table = new PagemapTable();
        DevPagemap taken = table.Register(Section, Section);
        Assert.Throws<RangeBusyException>(() => table.Register(0, 3 * Section));
        Assert.Null(table.At(0));
        table.TearDown(taken);

        DevPagemap map = table.Register(0, 3 * Section);
        Assert.Same(map, table.At(0));
        table.TearDown(map);
    }

    [Fact]
    public void A_map_that_is_not_registered_in_this_table_is_refused()
    {
        var table = new PagemapTable();
        var other = new PagemapTable();
        DevPagemap map = table.Register(0, Section);
        DevPagemap same = other.Register(0, Section);

        Assert.Throws<ArgumentNullException>("pagemap", () => table.Unregister(null!));
        Assert.Throws<ArgumentException>("pagemap", () => table.Unregister(same));
        Assert.Same(map, table.At(0));
        Assert.Same(same, other.At(0));
        other.TearDown(same);
        table.TearDown(map);
        Assert.Throws<ArgumentException>("pagemap", () => table.Unregister(map));
        DevPagemap successor = table.Register(0, Section);
        Assert.Throws<ArgumentException>("pagemap", () => table.Unregister(map));
        Assert.Same(successor, table.At(0));
        table.TearDown(successor);
    }

    [Fact]
    public void I45_unregistering_a_map_with_a_live_reference_warns()
    {
        using var events = new PercpuEvents();
        var table = new PagemapTable();
        ulong start = (ulong)Random.Shared.NextInt64(1, 1 << 20) * Section;
        DevPagemap map = table.Register(start, Section);
        DevPagemap? held = table.GetDevPagemap(new Pfn(start));

        table.Unregister(map);
        Assert.Single(Warnings());
        Assert.Null(table.At(start));
        Assert.False(map.Reference.IsDying); // The holder still has what it had.
        PagemapTable.PutDevPagemap(held);
        map.Reference.Kill();
        Assert.True(map.Reference.IsZero);

        DevPagemap quiet = table.Register(start, Section);
        table.TearDown(quiet);
        Assert.Single(Warnings());

        List<object?[]> Warnings() => events.Heard("Warning", payload => ((string)payload[0]!).Contains(map.Range.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Unregistering_waits_for_the_readers_of_the_tables_domain()
    {
        using var domain = new EpochDomain();
        var table = new PagemapTable(domain);
        DevPagemap map = table.Register(0, Section);
        map.Reference.Kill();
        bool leaving = false;
        using var reader = new ParkedReader(domain, beforeLeaving: () => Volatile.Write(ref leaving, true));
        using var unregistering = new Worker(() =>
        {
            table.Unregister(map);
            Assert.True(Volatile.Read(ref leaving));
        });
        Worker.AwaitTrue(() => Height(table) == 0);
        reader.LetGo();
    }

    [Fact]
    public void While_one_thread_waits_for_readers_others_can_change_the_table()
    {
        using var domain = new EpochDomain();
        var table = new PagemapTable(domain);
        DevPagemap map = table.Register(0, Section);
        map.Reference.Kill();
        DevPagemap? again = null;
        // The reader waits for a thread that registers: under the table's lock this would be a deadlock.
        using var reader = new ParkedReader(domain, beforeLeaving: () => Worker.Run(() => again = table.Register(0, Section)));
        using (new Worker(() => table.Unregister(map)))
        {
            Worker.AwaitTrue(() => Height(table) == 0);
            reader.Leave();
        }
        Assert.Same(again, table.At(0));
        table.TearDown(again!);
    }

    [Fact]
    public void Of_two_threads_that_unregister_one_map_one_is_refused()
    {
        var table = new PagemapTable();
        for (int i = 0; i < 200; i++)
        {
            DevPagemap map = table.Register(0, Section);
            map.Reference.Kill();
            int refused = 0;
            void Unregister()
            {
                if (Caught.By(() => table.Unregister(map)) is ArgumentException)
                    Interlocked.Increment(ref refused);
            }
            using (new Worker(Unregister))
                Unregister();
            Assert.Equal(1, refused);
        }
    }
}
