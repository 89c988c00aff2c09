using Percpu.Pagemap;

namespace Percpu.Programs;

/// <summary>Says whether the process grows by the page tables of address spaces that were disposed of.</summary>
public static class AddressSpacesDisposed
{
    private const ulong Large = 2UL << 20;

    public static void Run()
    {
        var space = new PhysicalSpace(38);
        space.AddRam(new PfnRange(new Pfn(0), 2048));
        var table = new PagemapTable(space);
        for (int i = 0; i < 20; i++)
            Use(table);
        long before = Environment.WorkingSet;
        for (int i = 0; i < 300; i++)
            Use(table);
        long more = Environment.WorkingSet - before; // Else 150 MiB: 300 times 128 tables of 4 KiB.
        Console.Write(more < 60 << 20 ? "held" : $"{more >> 20} MiB more");
    }

    private static void Use(PagemapTable table)
    {
        byte[] bytes = new byte[1];
        using var memory = new AddressSpace(table);
        // One page for each table: nothing but the disposal takes such a table away.
        for (ulong i = 1; i <= 128; i++)
            memory.Read(memory.MapAnonymous(4096, address: i * Large).Start, bytes);
    }
}
