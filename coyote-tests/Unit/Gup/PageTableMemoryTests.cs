using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Page tables are native memory: no collector finds what is left of them.</summary>
public sealed class PageTableMemoryTests
{
    [Fact]
    public void An_address_space_gives_back_every_table_when_it_is_disposed() => Assert.Equal("held", Programs.Run("""
        using Percpu.Pagemap;
        const ulong large = 2UL << 20;
        var space = new PhysicalSpace(38);
        space.AddRam(new PfnRange(new Pfn(0), 2048));
        var table = new PagemapTable(space);
        var bytes = new byte[1];
        for (int i = 0; i < 20; i++)
            Use();
        long before = Environment.WorkingSet;
        for (int i = 0; i < 300; i++)
            Use();
        long more = Environment.WorkingSet - before; // Else 150 MiB: 300 times 128 tables of 4 KiB.
        Console.Write(more < 60 << 20 ? "held" : $"{more >> 20} MiB more");

        void Use()
        {
            using var memory = new AddressSpace(table);
            // One page for each table: nothing but the disposal takes such a table away.
            for (ulong i = 1; i <= 128; i++)
                memory.Read(memory.MapAnonymous(4096, address: i * large).Start, bytes);
        }
        """));

    [Fact]
    public void An_address_space_that_is_refused_leaves_no_table() => Assert.Equal("held", Programs.Run("""
        using Percpu.Pagemap;
        var table = new PagemapTable(); // Of no physical space.
        Refuse(1_000);
        long before = Environment.WorkingSet;
        Refuse(30_000);
        long more = Environment.WorkingSet - before; // Else 120 MiB.
        Console.Write(more < 60 << 20 ? "held" : $"{more >> 20} MiB more");

        void Refuse(int times)
        {
            for (int i = 0; i < times; i++)
            {
                try
                {
                    new AddressSpace(table).Dispose();
                }
                catch (ArgumentException)
                {
                }
            }
        }
        """));
}
