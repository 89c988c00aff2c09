using Percpu.Pagemap;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

public sealed class AddressSpaceEdgesTests
{
    private const ulong Top = Pfn.MaxValue + 1;

    /// <summary>Constants are compiled into whoever uses them: an assembly with others would be used with the old ones.</summary>
    [Fact]
    public void The_public_sizes_of_the_assembly_are_those_that_are_documented()
    {
        Assert.Equal(32768UL, Constant(nameof(PagemapTable.PagesPerSection))); // 128 MiB.
        Assert.Equal(512UL, Constant(nameof(PagemapTable.PagesPerSubsection))); // 2 MiB.
        Assert.Equal(1UL << 34, Constant(nameof(PagemapTable.MaxPages))); // 64 TiB.

        static object? Constant(string name) => typeof(PagemapTable).GetField(name)!.GetRawConstantValue();
    }

    [Fact]
    public void I41_maps_in_neighbouring_sections_meet_neither_each_other_nor_a_third_between_them()
    {
        var table = new PagemapTable();
        DevPagemap low = table.Register(Section - Subsection, Subsection), high = table.Register(Section, Subsection);
        Assert.Same(low, table.At(Section - 1));
        Assert.Same(high, table.At(Section));
        Assert.Throws<RangeBusyException>(() => table.Register(0, Subsection)); // Each of them has its section alone.
        Assert.Throws<RangeBusyException>(() => table.Register((2 * Section) - Subsection, Subsection));
        table.TearDown(table.Register(2 * Section, Subsection));
        table.TearDown(low);
        table.TearDown(high);
    }

    [Fact]
    public void I40_the_highest_frames_can_be_registered_and_found()
    {
        var table = new PagemapTable();
        DevPagemap map = table.Register(Top - Subsection, Subsection);

        Assert.Same(map, table.At(Pfn.MaxValue));
        Assert.Same(map, table.At(Top - Subsection));
        Assert.Null(table.At(Top - Subsection - 1));
        Assert.Null(table.At(0));
        Assert.Equal(new Pfn(Top), map.Range.End);
        AssertNothingAbove(table);
        table.TearDown(map);
        Assert.Equal(0, Height(table));
    }

    [Fact]
    public void I40_a_frame_above_the_largest_is_in_no_map_though_its_low_bits_are()
    {
        var table = new PagemapTable();
        DevPagemap low = table.Register(0, Section);
        AssertNothingAbove(table); // A low tree.
        DevPagemap high = table.Register(Top - Section, Section);
        AssertNothingAbove(table); // The highest.
        table.TearDown(low);
        table.TearDown(high);
    }

    [Fact]
    public void I40_the_tree_grows_level_by_level_keeps_what_it_has_and_goes_back_to_empty()
    {
        var table = new PagemapTable();
        var maps = new List<DevPagemap>();
        for (int level = 0; level < 5; level++)
        {
            ulong section = level == 0 ? 0 : 1UL << (9 * level);
            maps.Add(table.Register(section * Section, Section));
            Assert.Equal(level + 1, Height(table));
            Assert.All(maps, map => Assert.Same(map, table.At(map.Range.Start.Value)));
        }
        for (int level = 0; level < 5; level++)
        {
            table.TearDown(maps[level]);
            Assert.Null(table.At(maps[level].Range.Start.Value));
            Assert.All(maps.Skip(level + 1), map => Assert.Same(map, table.At(map.Range.Start.Value)));
        }
        Assert.Equal(0, Height(table));
        DevPagemap again = table.Register(0, Section);
        Assert.Equal(1, Height(table));
        table.TearDown(again);
    }

    [Fact]
    public void I40_ranges_across_the_border_of_every_level_are_found_on_both_sides()
    {
        for (int level = 1; level < 5; level++)
        {
            var table = new PagemapTable();
            ulong border = (1UL << (9 * level)) * Section;
            DevPagemap map = table.Register(border - Section, 2 * Section);

            Assert.Same(map, table.At(border - 1));
            Assert.Same(map, table.At(border));
            Assert.Null(table.At(border - Section - 1));
            Assert.Null(table.At(border + Section));
            table.TearDown(map);
            Assert.Equal(0, Height(table));
        }
    }

    [Fact]
    public void I40_siblings_in_one_leaf_stay_when_one_goes()
    {
        var table = new PagemapTable();
        DevPagemap[] maps = [.. Enumerable.Range(0, 512).Select(i => table.Register((ulong)i * Section, Section))];
        for (int i = 0; i < 512; i += 2)
            table.TearDown(maps[i]);
        for (int i = 0; i < 512; i++)
            Assert.Same(i % 2 == 0 ? null : maps[i], table.At((ulong)i * Section));
        for (int i = 1; i < 512; i += 2)
            table.TearDown(maps[i]);
        Assert.Equal(0, Height(table));
    }

    private static void AssertNothingAbove(PagemapTable table)
    {
        for (int bit = 52; bit < 64; bit++)
            Assert.Null(table.At(1UL << bit));
        Assert.Null(table.At(Top));
        Assert.Null(table.At(ulong.MaxValue));
    }
}
