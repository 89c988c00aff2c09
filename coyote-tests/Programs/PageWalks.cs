using Percpu.Pagemap;

namespace Percpu.Programs;

/// <summary>Pins one page and sixteen by their address, without a lock.</summary>
public static class PageWalks
{
    public static void Run()
    {
        var space = new PhysicalSpace();
        var table = new PagemapTable(space);
        var device = new Device(table, "pmem0");
        PhysicalRegion region = space.AddDevice(new PfnRange(new Pfn(PagemapTable.PagesPerSection), 2048), "pmem0");
        var disk = (PmemDisk)PmemDriver.Bind(device, new PmemNamespace(region, mapPages: true)).Disk;
        var memory = new AddressSpace(table);
        var pages = new Page[512];
        ulong start = memory.MapDax(disk, 0, 512UL << Pfn.PageShift).Start;
        memory.GetUserPages(start, pages, GupFlags.None);
        foreach (int count in (int[])[1, 16])
        {
            using PinnedPages pinned = memory.PinUserPages(start, pages.AsSpan(0, count));
        }
    }
}
