using Percpu.Unit.Support;

namespace Percpu.Unit.Pagemaps;

/// <summary>Nodes and entries of a table are native memory: no collector finds what is left of them.</summary>
public sealed class TableMemoryTests
{
    [Fact]
    public void I46_a_table_gives_back_every_node_and_entry_of_a_map_that_was_unregistered() => Assert.Equal("held", Programs.Run("""
        using Percpu;
        using Percpu.Pagemap;
        const ulong section = PagemapTable.PagesPerSection;
        var table = new PagemapTable();
        for (int i = 0; i < 500; i++)
            Use();
        long before = Environment.WorkingSet;
        for (int i = 0; i < 20_000; i++)
            Use();
        long more = Environment.WorkingSet - before; // Else 80 MiB for each node of 4 KiB that is left.
        Console.Write(more < 48 << 20 ? "held" : $"{more >> 20} MiB more");

        void Use()
        {
            // Two leaves, and two nodes above them.
            using var reference = new PercpuRef();
            DevPagemap map = table.Register(new PfnRange(new Pfn(((1UL << 18) - 1) * section), 2 * section), reference);
            reference.Kill();
            table.Unregister(map);
        }
        """));
}
