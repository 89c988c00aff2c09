using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

public sealed class DevmemTests
{
    [Fact]
    public void I50_add_finds_a_free_range_at_the_top_and_makes_its_pages_idle()
    {
        using var machine = new TestMachine();
        HmmDevmem first = HmmDevmem.Add(new Recorder(), machine.Device, 1);
        HmmDevmem second = HmmDevmem.Add(new Recorder(), machine.Device, 70_000);
        Assert.Equal(512UL, first.Resource.Range.Length);
        Assert.Equal(70_144UL, second.Resource.Range.Length);
        Assert.Equal(machine.Space.Capacity - PagemapTable.PagesPerSection, first.FirstPfn.Value);
        Assert.True(second.LastPfn.Value < first.FirstPfn.Value);
        Assert.Equal(RegionIntersection.Intersects, machine.Space.Intersects(second.Resource.Range, RegionKind.Device));
        Page page = machine.Space.PfnToPage(second.LastPfn);
        Assert.Equal(1, page.Count);
        Assert.Equal(PageFlags.Device | PageFlags.Unaddressable, page.Flags);
        Assert.Same(second.Pagemap, page.Owner);
        Assert.True(second.Pagemap.CountsPages);
        Assert.Throws<InvalidOperationException>(page.AddToLru);
        DevPagemap? found = machine.Table.GetDevPagemap(second.FirstPfn);
        Assert.Same(second.Pagemap, found);
        PagemapTable.PutDevPagemap(found);
    }

    [Fact]
    public void I50_the_process_cannot_touch_the_memory()
    {
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Page page = device.TryAllocatePage();
        Assert.Equal(RegionBacking.Protected, device.Memory.Resource.Backing);
        Assert.Throws<AccessFaultException>(() => machine.Space.Memory(page));
        Assert.Throws<ArgumentException>(() => new PmemNamespace(device.Memory.Resource));
        page.Put();
    }

    [Fact]
    public unsafe void I50_an_access_that_missed_its_fault_would_be_caught_by_the_processor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Page page = device.TryAllocatePage();
        device.CopyIn(page, new byte[4096]);
        ulong address = (ulong)device.Memory.Resource.Address;
        string map = File.ReadLines("/proc/self/maps").Single(line =>
        {
            string[] ends = line.Split(' ')[0].Split('-');
            return Convert.ToUInt64(ends[0], 16) <= address && address < Convert.ToUInt64(ends[1], 16);
        });
        Assert.Equal("---p", map.Split(' ')[1]);
        page.Put();
    }

    [Fact]
    public void I50_free_is_called_once_each_time_a_count_falls_to_1_and_driver_data_survive_until_then()
    {
        using var machine = new TestMachine();
        var ops = new Recorder();
        HmmDevmem devmem = HmmDevmem.Add(ops, machine.Device, 512);
        Page page = machine.Space.PfnToPage(new Pfn(devmem.FirstPfn.Value + 3));
        for (int round = 1; round <= 3; round++)
        {
            Assert.True(devmem.TryTake(page));
            page.DriverData = round;
            page.Get();
            page.Put();
            Assert.Equal(round - 1, ops.Freed.Count);
            page.Put();
            Assert.Equal(round, ops.Freed.Count);
            Assert.Equal((page, (long)round, 1L), ops.Freed[^1]);
        }
        Assert.Throws<InvalidOperationException>(page.Put);
        Assert.Equal(3, ops.Freed.Count);
    }

    [Fact]
    public void I50_an_exception_of_free_reaches_whoever_put_and_the_page_is_given_back_all_the_same()
    {
        using var machine = new TestMachine();
        HmmDevmem devmem = HmmDevmem.Add(new Recorder { Throws = true }, machine.Device, 512);
        Page page = machine.Space.PfnToPage(devmem.FirstPfn);
        Assert.True(devmem.TryTake(page));
        Assert.Throws<FormatException>(page.Put);
        Assert.Equal(1, page.Count);
        Assert.True(devmem.Remove());
    }

    [Fact]
    public void I50_remove_waits_for_the_last_page_and_only_then_returns()
    {
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Pfn first = device.Memory.FirstPfn;
        Page a = device.TryAllocatePage(), b = device.TryAllocatePage();
        var remover = new Worker(() => device.Memory.Remove());
        Worker.AwaitTrue(() => device.Memory.Reference.IsDying);
        Assert.True(device.TryAllocatePage().IsNull); // Nobody gets a page any more.
        Assert.False(remover.Thread.Join(20));
        a.Put();
        Assert.False(remover.Thread.Join(20));
        Assert.False(device.Memory.Completion.IsCompleted);
        Assert.Equal(2, b.Count);
        b.Put();
        remover.Join();
        Assert.True(device.Memory.Completion.IsCompletedSuccessfully);
        Assert.False(device.Memory.Remove());
        Assert.True(machine.Space.PfnToPage(first).IsNull);
        Assert.Null(machine.Space.FindRegion(first));
        Assert.Null(machine.Table.GetDevPagemap(first));
    }

    [Fact]
    public void I50_unbinding_the_driver_removes_the_memory_and_its_range_is_free_again()
    {
        using var machine = new TestMachine();
        Pfn first = default;
        for (int round = 0; round < 3; round++)
        {
            machine.Device.Bind(new Driver(device => device.DriverData = HmmDevice.Add(device, 512)));
            var device = (HmmDevice)machine.Device.DriverData!;
            if (round > 0)
                Assert.Equal(first, device.Memory.FirstPfn);
            first = device.Memory.FirstPfn;
            Assert.Equal(0, device.AllocatedPages);
            machine.Device.Unbind();
            Assert.False(device.Memory.Remove());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void I50_of_remove_and_unbind_at_once_one_removes_and_older_resources_stay_until_the_last_page_is_free(bool removeFirst)
    {
        using var machine = new TestMachine();
        HmmDevice device = null!;
        bool gone = false, inTime = false;
        machine.Device.Bind(new Driver(each =>
        {
            each.AddResource("what the pages need", () => inTime = gone && device.Memory.Completion.IsCompletedSuccessfully);
            device = HmmDevice.Add(each, 512);
            each.AddResource("what needs the pages", () => { });
        }));
        Page page = device.TryAllocatePage();
        Action remove = () => device.Memory.Remove(), unbind = () => machine.Device.Unbind();
        var first = new Worker(removeFirst ? remove : unbind);
        Worker.AwaitTrue(() => device.Memory.Reference.IsDying);
        var second = new Worker(removeFirst ? unbind : remove);
        (Worker remover, Worker unbinder) = removeFirst ? (first, second) : (second, first);
        Assert.False(unbinder.Thread.Join(20)); // Whoever removes the memory waits for the page, and unbinding waits for him.
        Assert.Equal(2, page.Count);
        gone = true;
        page.Put();
        remover.Join();
        unbinder.Join();
        Assert.True(inTime);
        Assert.False(device.Memory.Remove());
        Assert.Null(machine.Space.FindRegion(device.Memory.FirstPfn));
        Assert.Equal(0, device.AllocatedPages);
    }

    [Fact]
    public void I50_a_failed_add_leaves_nothing()
    {
        using var machine = new TestMachine();
        Assert.Throws<ArgumentNullException>(() => HmmDevmem.Add(null!, machine.Device, 1));
        Assert.Throws<ArgumentNullException>(() => HmmDevmem.Add(new Recorder(), null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => HmmDevmem.Add(new Recorder(), machine.Device, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => HmmDevmem.Add(new Recorder(), machine.Device, machine.Space.Capacity + 1));
        Assert.Throws<InsufficientMemoryException>(() => HmmDevmem.Add(new Recorder(), machine.Device, machine.Space.Capacity)); // RAM is in the way.
        using (EpochDomain.Shared.Enter())
            Assert.Throws<InvalidOperationException>(() => HmmDevmem.Add(new Recorder(), machine.Device, 1));
        using var reference = new PercpuRef();
        var top = new PfnRange(new Pfn(machine.Space.Capacity - PagemapTable.PagesPerSection), 512);
        DevPagemap inTheWay = machine.Table.Register(top, reference); // The last step fails.
        Assert.Throws<RangeBusyException>(() => HmmDevmem.Add(new Recorder(), machine.Device, 1));
        Assert.Null(machine.Space.FindRegion(top.Start));
        reference.Kill();
        machine.Table.Unregister(inTheWay);
        Assert.Equal(top.Start, HmmDevmem.Add(new Recorder(), machine.Device, 1).FirstPfn);
        machine.Device.Remove();
        Assert.Throws<ObjectDisposedException>(() => HmmDevmem.Add(new Recorder(), machine.Device, 1));
        Assert.Null(machine.Space.FindRegion(top.Start));
    }

    [Fact]
    public void I50_the_free_list_agrees_with_a_simple_model()
    {
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        var random = new Random(50);
        var held = new List<(Page Page, byte Content)>();
        var bytes = new byte[4096];
        for (int step = 0; step < 20_000; step++)
        {
            Assert.Equal(held.Count, device.AllocatedPages);
            if (random.Next(100) < (step / 2000 % 2 == 0 ? 60 : 40)) // Runs full and empty in turns.
            {
                Page page = device.TryAllocatePage();
                Assert.Equal(held.Count == 512, page.IsNull);
                if (page.IsNull)
                    continue;
                Assert.DoesNotContain(held, each => each.Page == page);
                Assert.Equal((2L, 0L), (page.Count, page.DriverData));
                page.DriverData = step;
                bytes.AsSpan().Fill((byte)step);
                device.CopyIn(page, bytes);
                held.Add((page, (byte)step));
            }
            else if (held.Count > 0)
            {
                int i = random.Next(held.Count);
                device.CopyOut(held[i].Page, bytes);
                Assert.True(bytes.AsSpan().IndexOfAnyExcept(held[i].Content) < 0);
                held[i].Page.Put();
                held.RemoveAt(i);
            }
        }
        held.ForEach(each => each.Page.Put());
    }

    [Fact]
    public void A_page_has_the_bytes_of_the_devices_memory_at_its_own_place()
    {
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Page[] pages = [.. Enumerable.Range(0, 512).Select(_ => device.TryAllocatePage())];
        byte[] bytes = new byte[4096], found = new byte[4096];
        foreach (int i in (int[])[0, 1, 511])
        {
            new Random(i).NextBytes(bytes);
            device.CopyIn(pages[i], bytes);
            long offset = (long)(machine.Space.PageToPfn(pages[i]).Value - device.Memory.FirstPfn.Value) * 4096;
            device.Memory.Resource.Memory.ReadMedium(offset, found);
            Assert.Equal(bytes, found);
            device.CopyOut(pages[i], found.AsSpan());
            Assert.Equal(bytes, found);
        }
        Array.ForEach(pages, static page => page.Put());
    }

    [Fact]
    public void Copies_of_pages_that_are_not_the_devices_and_of_wrong_lengths_are_refused()
    {
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Page page = device.TryAllocatePage(), other = machine.Space.AllocatePage();
        Assert.Throws<ArgumentException>("page", () => device.CopyIn(other, new byte[4096]));
        Assert.Throws<ArgumentException>("page", () => device.CopyOut(other, new byte[4096]));
        Assert.Throws<ArgumentException>("length", () => device.CopyIn(page, new byte[4095]));
        other.Put();
        page.Put();
    }

    private sealed class Recorder : HmmDevmemOps
    {
        internal List<(Page Page, long Data, long Count)> Freed { get; } = [];

        internal bool Throws { get; init; }

        protected internal override void Free(HmmDevmem devmem, Page page)
        {
            Freed.Add((page, page.DriverData, page.Count));
            if (Throws)
                throw new FormatException();
        }

        protected internal override FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write) => FaultResult.Error;
    }

    private sealed class Driver(Action<Device> probe) : DeviceDriver
    {
        public override string Name => "driver";

        protected internal override void Probe(Device device) => probe(device);
    }
}
