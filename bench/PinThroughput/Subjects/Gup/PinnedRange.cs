using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Gup;

/// <summary>2 MiB of a pmem disk mapped into an address space, in 512 entries or in one; every thread pins the same pages.</summary>
internal sealed class PinnedRange : IDisposable
{
    internal const int Pages = 512;
    private const ulong PageSize = 1UL << Pfn.PageShift;
    private const ulong DevicePages = 4 * Pages;

    private readonly Device _device;
    private readonly PmemDisk _disk;

    internal PinnedRange(bool large)
    {
        Space = new PhysicalSpace();
        var table = new PagemapTable(Space);
        _device = new Device(table, "pmem0");
        PhysicalRegion region = Space.AddDevice(new PfnRange(new Pfn(PagemapTable.PagesPerSection), DevicePages), "pmem0");
        _disk = (PmemDisk)PmemDriver.Bind(_device, new PmemNamespace(region, mapPages: true)).Disk;
        Memory = new AddressSpace(table);
        // An odd page more keeps virtual and physical addresses apart, so that no entry of 2 MiB fits.
        ulong where = (8 * Pages * PageSize) + (large ? 0 : PageSize);
        Area area = Memory.MapDax(_disk, 0, Pages * PageSize, address: where);
        Start = area.Start;
        if (Memory.GetUserPages(Start, new Page[Pages], GupFlags.None) != Pages || Memory.Lookup(Start).IsLarge != large)
            throw new CheckFailedException("The pages are not mapped as they should be.");
    }

    internal PhysicalSpace Space { get; }

    internal AddressSpace Memory { get; }

    internal ulong Start { get; }

    /// <summary>Whether nothing is pinned any more.</summary>
    internal bool IsBalanced()
    {
        _disk.Queue.MarkDying();
        return _disk.Queue.Usage.IsZero;
    }

    /// <summary>Whether every page's own count is what it was at first.</summary>
    internal bool AreCountsIdle()
    {
        for (ulong i = 0; i < Pages; i++)
        {
            if (Space.PfnToPage(new Pfn(PagemapTable.PagesPerSection + i)).Count != 1)
                return false;
        }
        return true;
    }

    public void Dispose()
    {
        Memory.Dispose();
        if (!_disk.Queue.IsDying || _disk.Queue.Usage.IsZero)
            _device.Remove(); // Else a pin is left, and it would wait for ever.
        Space.Dispose();
    }
}
