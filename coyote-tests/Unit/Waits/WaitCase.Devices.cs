using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Waits;

// Teardowns of devices, and pages on their way.
internal sealed partial record WaitCase
{
    private static WaitCase Unbinding(Action<Device> unbind)
    {
        var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        PmemDevice pmem = PmemDriver.Bind(machine.Device, new PmemNamespace(region));
        var disk = (PmemDisk)pmem.Disk;
        disk.Queue.Enter();
        return new WaitCase(() => unbind(machine.Device), disk.Queue.Exit, () =>
        {
            Assert.Null(machine.Device.Driver);
            Assert.True(disk.Queue.Usage.IsZero);
            if (machine.Device.Driver is null)
                machine.Dispose();
        });
    }

    private static WaitCase ReleasingPages()
    {
        var machine = new TestMachine();
        machine.AddDevice();
        var reference = new PercpuRef();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(TestMachine.Pmem, reference);
        DevPagemap held = machine.Table.GetDevPagemap(TestMachine.Pmem.Start)!;
        reference.Kill();
        return new WaitCase(() => Assert.True(mapping.Release()), () => PagemapTable.PutDevPagemap(held), () =>
        {
            machine.Device.DevmMemremapPages(TestMachine.Pmem, new PercpuRef()); // The range is free again.
            machine.Dispose();
        });
    }

    private static WaitCase ReleasingElsewhere()
    {
        var machine = new TestMachine();
        var begun = new ManualResetEventSlim();
        var end = new ManualResetEventSlim();
        string order = "";
        DeviceResource slow = null!;
        machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("older", () => order += "older ");
            slow = device.AddResource("slow", () =>
            {
                begun.Set();
                Worker.Await(end);
                order += "slow ";
            });
        }));
        var releasing = new Worker(() => Assert.True(slow.Release()));
        Worker.Await(begun);
        return new WaitCase(() => machine.Device.Unbind(), end.Set, () =>
        {
            releasing.Join();
            Assert.Equal("slow older ", order);
            machine.Dispose();
        });
    }

    private static WaitCase RemovingMemory()
    {
        var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Page page = device.TryAllocatePage();
        Pfn pfn = device.Memory.FirstPfn;
        return new WaitCase(() => Assert.True(device.Memory.Remove()), page.Put, () =>
        {
            Assert.Null(machine.Space.FindRegion(pfn));
            machine.Dispose();
        });
    }

    private static WaitCase Unregistering()
    {
        var domain = new EpochDomain();
        var table = new PagemapTable(domain);
        var range = new PfnRange(new Pfn(0), 512);
        var reference = new PercpuRef();
        DevPagemap map = table.Register(range, reference);
        reference.Kill();
        var reader = new ParkedReader(domain);
        return new WaitCase(() => table.Unregister(map), reader.LetGo, () =>
        {
            Assert.Throws<ArgumentException>(() => table.Unregister(map));
            table.Register(range, new PercpuRef());
            domain.Dispose();
        });
    }

    private static WaitCase Unmapping(Action<AddressSpace, Area> unmap)
    {
        var physical = new PhysicalSpace(30);
        physical.AddRam(TestMachine.Ram);
        var domain = new EpochDomain();
        var space = new AddressSpace(new PagemapTable(physical, domain));
        Area area = space.MapAnonymous(4096);
        space.Write(area.Start, [1]);
        var reader = new ParkedReader(domain);
        return new WaitCase(() => unmap(space, area), reader.LetGo, () =>
        {
            Assert.Equal(0, physical.AllocatedPages);
            space.Dispose();
            domain.Dispose();
            physical.Dispose();
        });
    }

    private static WaitCase Migrating()
    {
        var physical = new PhysicalSpace(TestMachine.AddressBits);
        physical.AddRam(TestMachine.Ram);
        var domain = new EpochDomain();
        var table = new PagemapTable(physical, domain);
        var owner = new Device(table, "gpu0");
        HmmDevice device = HmmDevice.Add(owner, 512);
        var space = new AddressSpace(table);
        Area area = space.MapAnonymous(4096);
        space.Write(area.Start, [7]);
        var reader = new ParkedReader(domain);
        return new WaitCase(() => Assert.Equal(1, device.MigrateToDevice(space, area.Start, 1)), reader.LetGo, () =>
        {
            var found = new byte[1];
            space.Read(area.Start, found); // No claim stays.
            Assert.Equal(7, found[0]);
            space.Dispose();
            owner.Remove();
            domain.Dispose();
            physical.Dispose();
        });
    }

    private sealed class Driver(Action<Device> probe) : DeviceDriver
    {
        public override string Name => "driver";

        protected internal override void Probe(Device device) => probe(device);
    }

    /// <summary>A driver whose fault takes its time and then fails.</summary>
    private sealed class SlowFault : HmmDevmemOps
    {
        internal ManualResetEventSlim Begun { get; } = new();

        internal ManualResetEventSlim End { get; } = new();

        protected internal override void Free(HmmDevmem devmem, Page page)
        {
        }

        protected internal override FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write)
        {
            Begun.Set();
            Worker.Await(End);
            return FaultResult.Error;
        }
    }

    private sealed class MoveTo(HmmDevmem memory, Page page) : MigrateOps
    {
        protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            Assert.True(memory.TryTake(page) && page.TryLock());
            destinations[0] = page;
        }
    }

    /// <summary>Moves pages to a device, slowly.</summary>
    private sealed class SlowMove(HmmDevice device) : MigrateOps
    {
        internal ManualResetEventSlim Begun { get; } = new();

        internal ManualResetEventSlim End { get; } = new();

        protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            Begun.Set();
            Worker.Await(End);
            Page page = device.TryAllocatePage();
            page.TryLock();
            device.CopyIn(page, area.Space.Space.Memory(sources[0]));
            destinations[0] = page;
        }
    }
}
