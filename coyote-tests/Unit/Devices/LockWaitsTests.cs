using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>Every change waits for the lock of what it changes: without it two threads would change the same at the same time.</summary>
public sealed unsafe class LockWaitsTests
{
    [Fact]
    public void Of_a_device_its_table_its_queue_and_its_disk()
    {
        using var machine = new TestMachine();
        Device device = machine.Device;
        PmemDisk disk = (PmemDisk)PmemDriver.Bind(device, new PmemNamespace(machine.AddDevice(), mapPages: true)).Disk;
        using var reference = new PercpuRef();
        object key = new();
        DevPagemap? map = null;
        DeviceResource? resource = null;
        Run(
            (machine.Table, () => map = machine.Table.Register(new PfnRange(new Pfn(1 << 24), 512), reference)),
            (machine.Table, () => machine.Table.Unregister(map!)),
            (device, () => resource = device.AddResource("one", static () => { })),
            (device, () => Assert.True(resource!.Release())),
            (disk.Queue, () => Assert.True(disk.Queue.TryFreeze(TimeSpan.FromSeconds(60)))),
            (disk.Queue, () => Assert.True(disk.Queue.WaitFrozen(TimeSpan.FromSeconds(60)))),
            (disk.Queue, disk.Queue.Unfreeze),
            (disk, () => disk.AddMapping(key, static _ => { })),
            (disk, () => disk.RemoveMapping(key)),
            (disk, () => device.Unbind()));
        device.AddResource("two", static () => { });
        Run((device, device.Remove));
    }

    [Fact]
    public void Of_a_space_its_memory_its_frames_and_its_ranges()
    {
        using var machine = new TestMachine();
        PhysicalSpace space = machine.Space;
        PhysicalRegion region = machine.AddDevice();
        using var reference = new PercpuRef();
        DeviceMapping? mapping = null;
        Page page = default;
        Run(
            (space, () => space.AddDevice(new PfnRange(new Pfn(1 << 24), 512), "another")),
            (space.Ram, () => page = space.AllocatePage()),
            (space.Ram, () => page.Put()),
            (space.Ram, () => space.Ram.Add(new PfnRange(new Pfn(1 << 25), 1))),
            (space.Frames, () => mapping = machine.Device.DevmMemremapPages(TestMachine.Pmem, reference)),
            (space.Frames, () => Assert.False(space.PfnToPage(TestMachine.Pmem.Start).IsNull)), // The first look at a section makes its frames.
            (region, () => Assert.True(region.TryClaim(0, 4096))),
            (region, () => region.Unclaim(0)),
            (region, region.Map),
            (region, region.Unmap));
        reference.Kill();
        Run((space.Frames, () => Assert.True(mapping!.Release())));
    }

    [Fact]
    public void Of_an_altmap_a_label_area_and_memory_that_a_device_has_for_itself()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        const long size = 128 << 10, capacity = 32 << 20;
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 22), (capacity + size) >> Pfn.PageShift), "dimm", machine.NewFile(capacity + size));
        LabelArea labels = LabelArea.Create(region, size);
        var altmap = new VmemAltmap(new Pfn(0), 0, 64);
        HmmDevice hmm = HmmDevice.Add(machine.Device, 512);
        PmemNamespace? space = null;
        Page page = default;
        Run(
            (altmap, () => Assert.True(altmap.TryAllocate(64, out _))),
            (altmap, () => Assert.Equal(64UL, altmap.Copy().Allocated)),
            (altmap, () => altmap.Release(64)),
            (labels, () => space = labels.Create(capacity, NamespaceMode.Raw)),
            (labels, () => labels.Delete(space!)),
            (hmm, () => page = hmm.TryAllocatePage()),
            (hmm, () => page.Put()));
    }

    private static void Run(params (object Owner, Action Call)[] steps)
    {
        for (int i = 0; i < steps.Length; i++)
            HeldLock.MustHoldUp(Hidden.Lock(steps[i].Owner), $"the {steps[i].Owner.GetType().Name} (call {i})", steps[i].Call);
    }
}
