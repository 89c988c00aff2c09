using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>A machine with a bound pmem device and an address space.</summary>
internal sealed class GupMachine : IDisposable
{
    internal const ulong PageSize = 1 << Pfn.PageShift;
    internal const ulong LargeSize = 512 * PageSize;

    private readonly TestMachine _machine = new();

    internal GupMachine(bool mapPages = true)
    {
        _machine.CheckAccess();
        Region = _machine.AddDevice();
        Pmem = PmemDriver.Bind(_machine.Device, new PmemNamespace(Region, mapPages));
        Memory = new AddressSpace(_machine.Table);
    }

    internal PhysicalRegion Region { get; }

    internal PmemDevice Pmem { get; private set; }

    internal PmemDisk Disk => (PmemDisk)Pmem.Disk;

    internal AddressSpace Memory { get; }

    internal PhysicalSpace Space => _machine.Space;

    internal PagemapTable Table => _machine.Table;

    internal Device Device => _machine.Device;

    internal static Pfn First => TestMachine.Pmem.Start;

    internal static ulong Length => TestMachine.Pmem.Length * PageSize;

    /// <summary>Maps the front of the disk such that only entries of 4 KiB fit.</summary>
    internal Area MapSmall(ulong pages, AreaAccess access = AreaAccess.ReadWrite, long offset = 0) =>
        Memory.MapDax(Disk, offset, pages * PageSize, access, (7 * LargeSize) + PageSize + (ulong)offset);

    /// <summary>Maps the front of the disk in entries of 2 MiB.</summary>
    internal Area MapLarge(ulong large, AreaAccess access = AreaAccess.ReadWrite) => Memory.MapDax(Disk, 0, large * LargeSize, access);

    internal int Gup(ulong address, Span<Page> pages, GupFlags flags, bool fast) =>
        fast ? Memory.GetUserPagesFast(address, pages, flags) : Memory.GetUserPages(address, pages, flags);

    /// <summary>Makes all pages of an area present, and pins none.</summary>
    internal void Populate(Area area, bool write = false)
    {
        var pages = new Page[area.Length / PageSize];
        long pinned = Disk.Queue.Usage.ApproximateCount;
        Worker.RunWaiting("pages to become present, one fault after the other", () =>
            Assert.Equal(pages.Length, Memory.GetUserPages(area.Start, pages, write ? GupFlags.Write : GupFlags.None)));
        Assert.Equal(pinned, Disk.Queue.Usage.ApproximateCount);
    }

    internal void Rebind() => Pmem = PmemDriver.Bind(_machine.Device, new PmemNamespace(Region, mapPages: true));

    /// <summary>Whether the disk's counter is at rest: nothing is pinned.</summary>
    internal void AssertNothingPinned()
    {
        Assert.True(Disk.Queue.TryFreeze(TimeSpan.FromSeconds(60)), "Pages of the disk were still pinned after a minute.");
        Disk.Queue.Unfreeze();
    }

    public void Dispose()
    {
        _machine.Dispose(Memory);
        _machine.Dispose();
    }

    internal static void AssertFault(AccessFault fault, ulong address, Action action)
    {
        AccessFaultException thrown = Assert.Throws<AccessFaultException>(action);
        Assert.Equal(fault, thrown.Fault);
        Assert.Equal(address, thrown.Address);
    }
}
