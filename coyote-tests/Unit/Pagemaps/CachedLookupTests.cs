using Percpu.Pagemap;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

public sealed class CachedLookupTests
{
    [Fact]
    public void I41_a_hit_takes_a_reference_of_its_own_of_the_same_map()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(0, Section);
        DevPagemap? first = table.GetDevPagemap(new Pfn(1));

        Assert.Same(map, table.GetDevPagemap(new Pfn(2), first));
        map.Reference.Kill();
        PagemapTable.PutDevPagemap(first);
        Assert.False(map.Reference.IsZero);
        PagemapTable.PutDevPagemap(first);
        Assert.True(map.Reference.IsZero);
        table.Unregister(map);
    }

    [Fact]
    public void I41_a_hit_works_while_the_map_is_dying()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(0, Section);
        DevPagemap? held = table.GetDevPagemap(new Pfn(1));
        map.Reference.Kill();

        Assert.Same(map, table.GetDevPagemap(new Pfn(2), held));
        Assert.Null(table.GetDevPagemap(new Pfn(2)));
        PagemapTable.PutDevPagemap(held);
        PagemapTable.PutDevPagemap(held);
        Assert.True(map.Reference.IsZero);
        table.Unregister(map);
    }

    [Fact]
    public void I41_a_miss_looks_up_and_leaves_the_callers_reference_alone()
    {
        var table = new PagemapTable();
        DevPagemap low = table.Register(0, Section);
        DevPagemap high = table.Register(5 * Section, Section);
        DevPagemap? held = table.GetDevPagemap(new Pfn(1));

        Assert.Same(high, table.GetDevPagemap(new Pfn(5 * Section), held));
        Assert.Null(table.GetDevPagemap(new Pfn(3 * Section), held));
        low.Reference.Kill();
        Assert.False(low.Reference.IsZero); // Still the caller's.
        PagemapTable.PutDevPagemap(held);
        Assert.True(low.Reference.IsZero);
        table.Unregister(low);
        PagemapTable.PutDevPagemap(high);
        table.TearDown(high);
    }

    [Fact]
    public void I41_a_map_of_another_table_is_a_miss()
    {
        var table = new PagemapTable();
        var other = new PagemapTable();
        DevPagemap foreign = other.Register(0, Section);

        Assert.Null(table.GetDevPagemap(new Pfn(1), foreign));
        DevPagemap own = table.Register(0, Section);
        Assert.Same(own, table.GetDevPagemap(new Pfn(1), foreign));
        PagemapTable.PutDevPagemap(own);
        table.TearDown(own);
        other.TearDown(foreign);
    }

    [Fact]
    public void I41_a_caller_that_holds_nothing_of_a_released_map_is_told()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(0, Section);
        table.TearDown(map);

        Assert.Throws<InvalidOperationException>(() => table.GetDevPagemap(new Pfn(1), map));
    }

    [Fact]
    public void I41_putting_null_does_nothing() => PagemapTable.PutDevPagemap(null);

    [Fact]
    public void I41_a_put_too_many_is_told()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(0, Section);
        table.TearDown(map);

        Assert.Throws<InvalidOperationException>(() => PagemapTable.PutDevPagemap(map));
    }

    [Fact]
    public void I42_a_hit_touches_neither_the_epoch_nor_the_table()
    {
        var domain = new EpochDomain();
        var table = new PagemapTable(domain);
        DevPagemap map = table.Register(0, Section);
        DevPagemap? held = table.GetDevPagemap(new Pfn(1));
        map.Reference.SwitchToAtomic(); // Any mode.
        table.Unregister(map);
        domain.Dispose();

        Assert.Throws<ObjectDisposedException>(() => table.GetDevPagemap(new Pfn(1)));
        Assert.Same(map, table.GetDevPagemap(new Pfn(1), held));
        PagemapTable.PutDevPagemap(held);
        PagemapTable.PutDevPagemap(held);
        map.Reference.Kill();
        Assert.True(map.Reference.IsZero);
    }
}
