using Percpu.Pagemap;

namespace Percpu.Programs;

/// <summary>Says whether the process grows by the page tables of address spaces whose constructor threw.</summary>
public static class AddressSpacesRefused
{
    public static void Run()
    {
        var table = new PagemapTable(); // Of no physical space.
        Refuse(table, 1_000);
        long before = Environment.WorkingSet;
        Refuse(table, 30_000);
        long more = Environment.WorkingSet - before; // Else 120 MiB.
        Console.Write(more < 60 << 20 ? "held" : $"{more >> 20} MiB more");
    }

    private static void Refuse(PagemapTable table, int times)
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
}
