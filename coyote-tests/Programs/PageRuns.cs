using Percpu.Pagemap;

namespace Percpu.Programs;

/// <summary>Says how long the runs are that a device's pages are pinned in, by the references that are taken at once.</summary>
public static class PageRuns
{
    private const ulong PageSize = 1 << Pfn.PageShift;

    public static void Run()
    {
        using var space = new PhysicalSpace(38);
        space.AddRam(new PfnRange(new Pfn(0), 512));
        var range = new PfnRange(new Pfn(1 << 20), 512);
        PhysicalRegion region = space.AddDevice(range, "pmem");
        var table = new PagemapTable(space);
        var device = new Device(table, "device");
        var disk = (PmemDisk)PmemDriver.Bind(device, new PmemNamespace(region, mapPages: true)).Disk;
        using var memory = new AddressSpace(table);
        // Not where a large entry fits. One page is shown by none, and one by another's.
        Area area = memory.MapMixed(100 * PageSize);
        for (ulong i = 0; i < 100; i++)
        {
            if (i != 70)
                memory.InsertPfn(area, area.Start + (i * PageSize), new Pfn(range.Start.Value + (i == 40 ? 7 : i)), PfnFlags.Device | PfnFlags.Mapped);
        }
        memory.GetUserPages(area.Start + (3 * PageSize), new Page[2], GupFlags.Touch); // Marks are no break.
        foreach (int first in (int[])[0, 1, 33, 41, 64])
        {
            var pages = new Page[90];
            int found = memory.GetUserPagesFast(area.Start + ((ulong)first * PageSize), pages);
            bool right = true;
            for (int i = 0; i < found; i++)
                right &= space.PageToPfn(pages[i]).Value - range.Start.Value == (ulong)(first + i == 40 ? 7 : first + i);
            Console.Write($"{found}{(right ? "" : " wrong")}, {disk.Queue.Usage.ApproximateCount - 1}; ");
            AddressSpace.PutPages(pages.AsSpan(0, found));
        }
        memory.Unmap(area);
        device.Remove();
    }
}
