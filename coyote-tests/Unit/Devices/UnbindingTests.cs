using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>What unbinding a disk's device waits for, and what is left of the disk afterwards.</summary>
public sealed class UnbindingTests
{
    public static TheoryData<NamespaceMode, bool> Kinds => new()
    {
        { NamespaceMode.Raw, false }, // Without pages nothing but the disk's queue says who is inside.
        { NamespaceMode.Raw, true },
        { NamespaceMode.Pfn, false },
        { NamespaceMode.Btt, false },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void I51_the_memory_stays_until_the_last_request_has_left_whatever_the_namespace_holds(NamespaceMode mode, bool mapPages)
    {
        using var machine = new TestMachine();
        PmemDevice pmem = Bind(machine, machine.Device, mode, mapPages);
        RequestQueue queue = pmem.Disk.Queue;
        queue.Enter();
        var unbinder = new Worker(() => machine.Device.Unbind());
        try
        {
            Worker.AwaitTrue(() => queue.IsDying);
            Assert.Equal(1, Hidden.Word(pmem.Region, "MapCount"));
            Assert.False(pmem.Region.TryClaim(0, 4096));
            Assert.Throws<ObjectDisposedException>(() => pmem.Disk.Read(0, new byte[pmem.Disk.SectorSize]));
        }
        finally
        {
            queue.Exit();
        }
        unbinder.Join("a request that has left");
        Assert.Equal(0, Hidden.Word(pmem.Region, "MapCount"));
        Assert.True(pmem.Region.TryClaim(0, 4096));
        pmem.Region.Unclaim(0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void I45_unbinding_ends_the_disk_first_so_that_no_mapping_is_released_live(NamespaceMode mode, bool mapPages)
    {
        using var machine = new TestMachine();
        var device = new Device(machine.Table, Guid.NewGuid().ToString("N"));
        PmemDevice pmem = Bind(machine, device, mode, mapPages);
        RequestQueue queue = pmem.Disk.Queue;
        List<string> warnings = TestMachine.Warnings(() => device.Unbind());
        Assert.DoesNotContain(warnings, each => each.Contains(device.Name, StringComparison.Ordinal));
        Assert.True(queue.IsDying && queue.Usage.IsZero);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I54_page_tables_forget_the_disk_before_its_memory_goes(bool mapPages)
    {
        using var machine = new TestMachine();
        PmemDevice pmem = Bind(machine, machine.Device, NamespaceMode.Raw, mapPages);
        using var memory = new AddressSpace(machine.Table);
        Area area = memory.MapDax((PmemDisk)pmem.Disk, 0, 4 << 20);
        memory.Write(area.Start, [1, 2, 3]);
        memory.Read(area.End - 1, new byte[1]);
        Assert.False(memory.Lookup(area.Start).IsNone || memory.Lookup(area.End - 1).IsNone);
        machine.Device.Unbind();
        Assert.True(memory.Lookup(area.Start).IsNone && memory.Lookup(area.End - 1).IsNone);
        Assert.Equal(AccessFault.NotPresent, Assert.Throws<AccessFaultException>(() => memory.Read(area.Start, new byte[1])).Fault);
    }

    private static PmemDevice Bind(TestMachine machine, Device device, NamespaceMode mode, bool mapPages)
    {
        var names = new PmemNamespace(machine.AddDevice(), mapPages);
        if (mode != NamespaceMode.Raw)
            names.Format(mode);
        PmemDevice pmem = PmemDriver.Bind(device, names);
        Assert.Equal(mode, pmem.Mode);
        return pmem;
    }
}
