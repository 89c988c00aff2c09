using Percpu.Pagemap;
using Percpu.Unit.Support;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

/// <summary>Random operations on a table and on a dictionary from sections to maps, compared after each.</summary>
public sealed class RandomModelTests
{
    // Neighbourhoods: the bottom, both sides of a border of each level, and the top.
    private static readonly ulong[] Hoods = [0, 510, (1UL << 18) - 3, (1UL << 27) - 2, (1UL << 36) - 5, (1UL << 37) - 8];

    [Fact]
    public void I40_I43_a_table_does_what_a_dictionary_of_sections_does() => Sequences.Check(50, 300, kinds: 6, operations =>
    {
        var table = new PagemapTable();
        var model = new Dictionary<ulong, DevPagemap>();
        int height = 0;
        foreach (Operation operation in operations)
        {
            PfnRange range = RangeOf(operation);
            switch (operation.Kind)
            {
                case 0 or 1:
                    TryRegister(table, model, range);
                    break;
                case 2 when model.Count > 0:
                    DevPagemap map = model.Values.ElementAt(operation.First % model.Count);
                    table.TearDown(map);
                    foreach (ulong section in SectionsOf(map.Range))
                        Assert.True(model.Remove(section));
                    break;
                default:
                    ulong pfn = range.Start.Value + Operation.Below(operation.Third, range.Length);
                    DevPagemap? expected = model.GetValueOrDefault(pfn / Section) is { } found && found.Range.Contains(new Pfn(pfn)) ? found : null;
                    AssertFound(table, expected, new Pfn(pfn));
                    break;
            }
            // It grows to the highest section and goes when the last map does; in between it has the nodes that it needs.
            height = model.Count == 0 ? 0 : Math.Max(height, HeightOf(model.Keys.Max()));
            Assert.Equal((height, model.Count), (Height(table), SectionsIn(table)));
        }
        foreach (DevPagemap map in model.Values.Distinct())
            table.TearDown(map);
        Assert.Equal(0, Height(table));
    });

    // Each way to look a frame up.
    private static void AssertFound(PagemapTable table, DevPagemap? expected, Pfn pfn)
    {
        Assert.Same(expected, table.At(pfn.Value));
        using (table.Epoch.Enter())
            Assert.Same(expected, table.Peek(pfn));
        long before = expected?.Reference.ApproximateCount ?? 0;
        Assert.Same(expected, table.TryGetMany(pfn, 3));
        if (expected is null)
            return;
        Assert.Equal(before + 3, expected.Reference.ApproximateCount);
        expected.Reference.PutMany(3);
    }

    private static int HeightOf(ulong section)
    {
        int height = 1;
        for (; section >= 512; section /= 512)
            height++;
        return height;
    }

    private static void TryRegister(PagemapTable table, Dictionary<ulong, DevPagemap> model, PfnRange range)
    {
        DevPagemap[] inTheWay = [.. SectionsOf(range).Where(model.ContainsKey).Select(section => model[section])];
        using var unused = new PercpuRef();
        if (inTheWay.Length > 0)
        {
            var exception = Assert.Throws<RangeBusyException>(() => table.Register(range, unused));
            Assert.Contains(exception.InTheWay, inTheWay.Select(map => map.Range));
            return;
        }
        DevPagemap map = table.Register(range, new PercpuRef());
        Assert.Equal(range, map.Range);
        foreach (ulong section in SectionsOf(range))
            model.Add(section, map);
    }

    private static PfnRange RangeOf(Operation operation)
    {
        ulong start = Hoods[operation.First % Hoods.Length] * Section + Operation.Below(operation.Second, 8 * 64) * Subsection;
        ulong length = (1 + Operation.Below(operation.Third, operation.First % 2 == 0 ? 15U : 399U)) * Subsection;
        return Range(start, Math.Min(length, Pfn.MaxValue + 1 - start));
    }

    private static IEnumerable<ulong> SectionsOf(PfnRange range)
    {
        for (ulong section = range.Start.Value / Section; section <= (range.Start.Value + range.Length - 1) / Section; section++)
            yield return section;
    }
}
