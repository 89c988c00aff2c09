using Percpu.Pagemap;
using Percpu.Unit.Support;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

/// <summary>Maps that begin and end at the edges of the table's nodes, each of 512 sections: every walk over them ends, and finds all and no more.</summary>
public sealed class SectionEdgesTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(510, 1)]
    [InlineData(510, 2)]
    [InlineData(510, 3)]
    [InlineData(511, 1)]
    [InlineData(511, 2)]
    [InlineData(512, 1)]
    [InlineData(512, 512)]
    [InlineData(512, 513)]
    [InlineData(511, 514)]
    [InlineData(1000, 24)]
    [InlineData(1000, 25)]
    [InlineData((1 << 18) - 1, 1)]
    [InlineData((1 << 18) - 1, 2)] // Of another level.
    [InlineData(1 << 18, 1)]
    [InlineData((1 << 27) - 2, 4)]
    [InlineData((1L << 37) - 2, 2)] // The highest there is.
    public void I40_a_map_is_found_in_each_of_its_sections_and_keeps_others_out_of_them(long first, long count) => Worker.RunWaiting("a walk over sections", () =>
    {
        var table = new PagemapTable();
        ulong start = (ulong)first * Section, length = (ulong)count * Section;
        bool atEnd = first + count == 1L << 37;
        DevPagemap map = table.Register(start, length);
        DevPagemap? before = first > 0 ? table.Register(start - 512, 512) : null, after = atEnd ? null : table.Register(start + length, 512);
        foreach (ulong section in ((ulong[])[0, 1, (ulong)count / 2, (ulong)count - 1]).Where(each => each < (ulong)count))
        {
            foreach (ulong within in (ulong[])[0, 511, Section - 1])
                Assert.Same(map, Found(table, start + (section * Section) + within));
            var range = new PfnRange(new Pfn(start + (section * Section)), 512);
            Assert.Equal(map.Range, Assert.Throws<RangeBusyException>(() => table.Register(range, map.Reference)).InTheWay);
        }
        Assert.Same(before, first > 0 ? Found(table, start - 1) : null);
        Assert.Same(after, atEnd ? null : Found(table, start + length));
        Assert.Null(atEnd ? null : Found(table, start + length + 512)); // In the section of another map, and not its.
        table.TearDown(map);
        Assert.Null(Found(table, start));
        Assert.Null(Found(table, start + length - 1));
        if (before is not null)
            table.TearDown(before);
        if (after is not null)
            table.TearDown(after);
        Assert.Equal(0, Height(table));
    });

    private static DevPagemap? Found(PagemapTable table, ulong pfn)
    {
        DevPagemap? map = table.GetDevPagemap(new Pfn(pfn));
        PagemapTable.PutDevPagemap(map);
        return map;
    }
}
