using Percpu.Pagemap;

namespace Percpu.Programs;

/// <summary>A plug-in that uses devices and their pages. It removes them at the end: a device that is bound keeps the context, as it keeps a kernel's module.</summary>
public static class DevicePlugin
{
    public static void Use(string path)
    {
        var space = new PhysicalSpace(38);
        var table = new PagemapTable(space);
        space.AddRam(new PfnRange(new Pfn(0), 2048));
        var range = new PfnRange(new Pfn(1 << 20), 65536);
        var device = new Device(table, "plug-in");
        PmemDevice pmem = PmemDriver.Bind(device, new PmemNamespace(space.AddDevice(range, "pmem"), mapPages: true));
        pmem.Disk.Write(0, new byte[512]);
        var memory = new AddressSpace(table);
        Area area = memory.MapDax((PmemDisk)pmem.Disk, 0, 2 << 20, AreaAccess.ReadWrite);
        var gpu = new Device(table, "gpu");
        HmmDevice hmm = HmmDevice.Add(gpu, 512);
        Page page = hmm.TryAllocatePage();
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            var pages = new Page[16];
            for (int i = 0; i < 100; i++)
            {
                AddressSpace.PutPages(pages.AsSpan(0, memory.GetUserPagesFast(area.Start, pages, GupFlags.Get | GupFlags.Write)));
                PagemapTable.PutDevPagemap(table.GetDevPagemap(range.Start));
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        page.Put();
        gpu.Remove();
        memory.Dispose();
        device.Remove();
        space.Dispose();
    }
}
