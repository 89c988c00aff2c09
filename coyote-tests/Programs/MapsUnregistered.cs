using Percpu.Pagemap;

namespace Percpu.Programs;

/// <summary>Says whether the process grows by the nodes and entries of maps that were unregistered.</summary>
public static class MapsUnregistered
{
    private const ulong Section = PagemapTable.PagesPerSection;

    public static void Run()
    {
        var table = new PagemapTable();
        for (int i = 0; i < 500; i++)
            Use(table);
        long before = Environment.WorkingSet;
        for (int i = 0; i < 20_000; i++)
            Use(table);
        long more = Environment.WorkingSet - before; // Else 80 MiB for each node of 4 KiB that is left.
        Console.Write(more < 48 << 20 ? "held" : $"{more >> 20} MiB more");
    }

    private static void Use(PagemapTable table)
    {
        // Two leaves, and two nodes above them.
        using var reference = new PercpuRef();
        DevPagemap map = table.Register(new PfnRange(new Pfn(((1UL << 18) - 1) * Section), 2 * Section), reference);
        reference.Kill();
        table.Unregister(map);
    }
}
