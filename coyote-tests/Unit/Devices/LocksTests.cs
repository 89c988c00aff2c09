using System.Reflection;
using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>Every call gives its lock back, also one that fails. (The next call would wait for ever, and only that would tell.)</summary>
public sealed class LocksTests
{
    [Fact]
    public void Of_a_device_its_table_its_queue_and_its_disk()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice(), mapPages: true);
        var owners = new List<object> { machine.Device, machine.Table };
        using var reference = new PercpuRef();
        var far = new PfnRange(new Pfn(1 << 24), 512);
        DevPagemap? map = null;
        DeviceResource? resource = null;
        PmemDisk? disk = null;
        Area? area = null;
        using var memory = new AddressSpace(machine.Table);
        Run(
            owners,
            () => map = machine.Table.Register(far, reference),
            () => Assert.Throws<RangeBusyException>(() => machine.Table.Register(far, reference)),
            () => machine.Table.Unregister(map!),
            () => Assert.Throws<ArgumentException>(() => machine.Table.Unregister(map!)),
            () => resource = machine.Device.AddResource("one", () => { }),
            () => machine.Device.AddResource("two", () => { }),
            () => Assert.True(resource!.Release()),
            () => Assert.False(resource!.Release()),
            () => resource = machine.Device.AddResource("throws", () => throw new FormatException()),
            () => Assert.Throws<FormatException>(() => resource!.Release()),
            () => owners.AddRange(disk = (PmemDisk)PmemDriver.Bind(machine.Device, names).Disk, disk.Queue),
            () => Assert.True(disk!.Queue.TryFreeze(TimeSpan.Zero)),
            () => Assert.True(disk!.Queue.WaitFrozen(TimeSpan.Zero)),
            () => disk!.Queue.Unfreeze(),
            () => Assert.Throws<InvalidOperationException>(disk!.Queue.Unfreeze),
            () => Assert.Throws<InvalidOperationException>(() => disk!.Queue.WaitFrozen(TimeSpan.Zero)),
            () => area = memory.MapDax(disk!, 0, 4096),
            () => memory.Unmap(area!),
            () => area = memory.MapDax(disk!, 0, 4096),
            () => machine.Device.Unbind(),
            () => Assert.Throws<ObjectDisposedException>(() => memory.MapDax(disk!, 0, 4096)));
        Assert.Equal(4, owners.Count);
    }

    [Fact]
    public void Of_a_label_area_its_region_and_an_altmap()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        const long size = 128 << 10, capacity = 32 << 20;
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), (capacity + size) >> Pfn.PageShift), "dimm", machine.NewFile(capacity + size));
        LabelArea labels = LabelArea.Create(region, size);
        var altmap = new VmemAltmap(new Pfn(0), 0, 64);
        PmemNamespace? space = null;
        Run(
            [labels, region, altmap],
            () => space = labels.Create(capacity, NamespaceMode.Btt),
            () => Assert.Throws<InvalidOperationException>(() => labels.Create(16 << 20, NamespaceMode.Raw)),
            () => Assert.True(space!.Check().IsSound),
            () => labels.Delete(space!),
            () => Assert.Throws<ArgumentException>(() => labels.Delete(space!)),
            () => Assert.True(altmap.TryAllocate(64, out _)),
            () => Assert.False(altmap.TryAllocate(64, out _)),
            () => altmap.Release(64));
    }

    [Fact]
    public void Of_memory_that_a_device_has_for_itself()
    {
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Page page = default;
        Run([device], () => page = device.TryAllocatePage(), () => page.Put(), () => page = device.TryAllocatePage(), () => page.Put());
    }

    [Fact]
    public void A_resource_has_ended_when_its_release_has_whoever_released_it_and_whether_that_threw()
    {
        using var machine = new TestMachine();
        var device = new Device(machine.Table, "ending");
        bool duringRelease = true;
        DeviceResource? removed = null;
        removed = device.AddResource("removed", () => duringRelease = HasEnded(removed!));
        DeviceResource throws = device.AddResource("throws", () => throw new FormatException()), early = device.AddResource("early", () => { });
        DeviceResource byItself = device.AddResource("by itself", () => { });
        DeviceResource[] all = [removed, throws, early, byItself];
        Assert.DoesNotContain(all, HasEnded);
        Assert.True(early.Release());
        Assert.True(HasEnded(early));
        Assert.True(byItself.Release());
        Assert.Throws<FormatException>(device.Remove);
        Assert.All(all, each => Assert.True(HasEnded(each), each.Name));
        Assert.False(duringRelease);

        static bool HasEnded(DeviceResource resource) =>
            ((Completion)typeof(DeviceResource).GetField("_released", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(resource)!).IsCompleted;
    }

    private static void Run(IReadOnlyList<object> owners, params Action[] calls)
    {
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i]();
            Assert.All(owners, owner => Assert.True(Hidden.IsUnlocked(owner), $"After call {i} the lock of the {owner.GetType().Name} is still held."));
        }
    }
}
