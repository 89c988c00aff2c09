using Percpu.Pagemap;
using Percpu.Unit.Support;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

public sealed class LookupTests
{
    [Fact]
    public void I40_a_lookup_gives_the_live_map_with_a_reference_held()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(Section, 2 * Subsection);

        Assert.Same(map, table.GetDevPagemap(new Pfn(Section + 700)));
        map.Reference.Kill();
        Assert.False(map.Reference.IsZero); // The lookup's reference.
        PagemapTable.PutDevPagemap(map);
        Assert.True(map.Reference.IsZero);
        table.Unregister(map);
    }

    [Fact]
    public void I40_a_lookup_gives_null_once_the_reference_is_killed_though_it_is_held()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(0, Section);
        DevPagemap? held = table.GetDevPagemap(new Pfn(5));
        map.Reference.Kill();

        Assert.Null(table.GetDevPagemap(new Pfn(5)));
        PagemapTable.PutDevPagemap(held);
        Assert.Null(table.GetDevPagemap(new Pfn(5)));
        table.Unregister(map);
        Assert.Null(table.GetDevPagemap(new Pfn(5)));
    }

    [Fact]
    public void I40_an_empty_table_has_no_map_of_any_frame()
    {
        var table = new PagemapTable();
        foreach (ulong pfn in (ulong[])[0, 1, Section, Pfn.MaxValue, Pfn.MaxValue + 1, ulong.MaxValue])
            Assert.Null(table.GetDevPagemap(new Pfn(pfn)));
    }

    [Fact]
    public void I41_a_frame_in_the_same_section_but_outside_the_range_is_null()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(Section + Subsection, 2 * Subsection);

        Assert.Null(table.At(Section));
        Assert.Null(table.At(Section + Subsection - 1));
        Assert.Same(map, table.At(Section + Subsection));
        Assert.Same(map, table.At(Section + 3 * Subsection - 1));
        Assert.Null(table.At(Section + 3 * Subsection));
        Assert.Null(table.At(2 * Section - 1));
        table.TearDown(map);
    }

    [Fact]
    public void I40_a_range_of_many_sections_is_found_in_each_and_ends_where_it_ends()
    {
        var table = new PagemapTable();
        // 1,300 sections: parts of four nodes; the first and last section only in part.
        ulong start = 300 * Section + Subsection, length = 1300 * Section;
        DevPagemap map = table.Register(start, length);

        Assert.Null(table.At(start - 1));
        Assert.Null(table.At(300 * Section));
        for (ulong pfn = start; pfn < start + length; pfn += Section)
            Assert.Same(map, table.At(pfn));
        Assert.Same(map, table.At(start + length - 1));
        Assert.Null(table.At(start + length));
        table.TearDown(map);
        for (ulong pfn = start; pfn < start + length; pfn += Section)
            Assert.Null(table.At(pfn));
        Assert.Equal(0, Height(table));
    }

    [Fact]
    public void I40_tables_are_address_spaces_of_their_own()
    {
        var one = new PagemapTable();
        var other = new PagemapTable();
        DevPagemap map = one.Register(0, Section);

        Assert.Null(other.At(0));
        DevPagemap second = other.Register(0, Section);
        Assert.Same(map, one.At(0));
        Assert.Same(second, other.At(0));
        Assert.Same(one, map.Table);
        one.TearDown(map);
        Assert.Same(second, other.At(0));
        other.TearDown(second);
    }

    [Fact]
    public void I40_a_lookup_works_inside_a_read_section_and_leaves_it_as_it_was()
    {
        using var domain = new EpochDomain();
        var table = new PagemapTable(domain);
        DevPagemap map = table.Register(0, Section);
        using (domain.Enter())
        {
            Assert.Same(map, table.At(0));
            Assert.Throws<InvalidOperationException>(domain.Synchronize);
        }
        Assert.Null(table.At(Section));
        domain.Synchronize();
        table.TearDown(map);
    }

    [Fact]
    public void I24_neither_form_of_get_allocates()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(0, Section);
        table.At(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 0; i < 1000; i++)
        {
            PagemapTable.PutDevPagemap(table.GetDevPagemap(new Pfn(i)));
            PagemapTable.PutDevPagemap(table.GetDevPagemap(new Pfn(i), map));
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        table.TearDown(map);
    }
}
