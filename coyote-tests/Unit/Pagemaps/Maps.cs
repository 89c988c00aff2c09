using System.Reflection;
using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Pagemaps;

/// <summary>Short forms of the table's vocabulary.</summary>
internal static unsafe class Maps
{
    internal const ulong Section = PagemapTable.PagesPerSection, Subsection = PagemapTable.PagesPerSubsection;

    internal static PfnRange Range(ulong start, ulong length) => new(new Pfn(start), length);

    internal static DevPagemap Register(this PagemapTable table, ulong start, ulong length) =>
        table.Register(Range(start, length), new PercpuRef());

    /// <summary>Looks a frame up and gives the reference back.</summary>
    internal static DevPagemap? At(this PagemapTable table, ulong pfn)
    {
        DevPagemap? map = table.GetDevPagemap(new Pfn(pfn));
        PagemapTable.PutDevPagemap(map);
        return map;
    }

    /// <summary>The teardown: kill, wait for the last reference, unregister.</summary>
    internal static void TearDown(this PagemapTable table, DevPagemap map)
    {
        map.Reference.Kill();
        Assert.True(map.Reference.WaitForRelease(TimeSpan.FromMinutes(1)));
        if (map.Range.Length <= Section)
            table.Unregister(map);
        else // It walks over the nodes of all sections, on a thread of its own so that a walk without end is told.
            Worker.RunWaiting("readers of the table, or walks over its nodes without end", () => table.Unregister(map));
    }

    /// <summary>The height of the tree of a table; 0 when it is empty.</summary>
    internal static int Height(PagemapTable table) => (int)(Root(table) & 15);

    /// <summary>How many sections the tree of a table leads to. Fails if a node is empty, or has not as many slots in use as it says.</summary>
    internal static int SectionsIn(PagemapTable table) => Height(table) == 0 ? 0 : SectionsIn((long*)(Root(table) & ~15), Height(table) - 1);

    private static int SectionsIn(long* node, int level)
    {
        int used = 0, sections = 0;
        for (int i = 0; i < 512; i++)
        {
            if (node[i] == 0)
                continue;
            used++;
            sections += level == 0 ? 1 : SectionsIn((long*)node[i], level - 1);
        }
        Assert.True(used > 0 && used == node[512], $"A node has {used} slots in use and says {node[512]}.");
        return sections;
    }

    private static long Root(PagemapTable table)
    {
        var sections = (SectionTree)typeof(PagemapTable).GetField("_sections", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(table)!;
        return Atomic.LoadAcquire(sections.Root);
    }
}
