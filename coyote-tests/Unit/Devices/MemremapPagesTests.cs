using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

public sealed class MemremapPagesTests
{
    private static readonly PfnRange Range = TestMachine.Pmem;

    [Fact]
    public void I43_errors_come_in_order()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        var mixed = new PfnRange(new Pfn(1024), 2048);
        var warnings = TestMachine.Warnings(() =>
            Assert.Throws<RemapException>(() => machine.Device.DevmMemremapPages(mixed, null)));
        Assert.Contains(warnings, each => each.Contains("mixes RAM", StringComparison.Ordinal));

        DeviceMapping ram = machine.Device.DevmMemremapPages(TestMachine.Ram, null);
        Assert.Null(ram.Pagemap);
        Assert.NotEqual(0, ram.Address);
        Assert.False(ram.Release());
        Assert.Null(machine.Table.GetDevPagemap(new Pfn(0)));

        Assert.Throws<ArgumentNullException>(() => machine.Device.DevmMemremapPages(default, null));
        Assert.Throws<PfnRangeException>(() => machine.Device.DevmMemremapPages(new PfnRange(Range.Start, 0), reference));
        Assert.Throws<PfnRangeException>(() => machine.Device.DevmMemremapPages(new PfnRange(Range.Start, 3), reference));
        Assert.Throws<PfnRangeException>(() => machine.Device.DevmMemremapPages(new PfnRange(new Pfn(ulong.MaxValue & ~511UL), 1024), reference));
        Assert.Throws<RemapException>(() => machine.Device.DevmMemremapPages(new PfnRange(new Pfn(1 << 24), 512), reference));
        Assert.Throws<ArgumentNullException>(() => MemoryRemap.DevmMemremapPages(null!, Range, reference));

        machine.Device.DevmMemremapPages(Range, reference);
        Assert.Throws<RangeBusyException>(() => machine.Device.DevmMemremapPages(Range, reference));
        Assert.Throws<RangeBusyException>(() => machine.Device.DevmMemremapPages(new PfnRange(Range.Start, 512), reference));
        reference.Kill();
        Assert.Throws<ArgumentException>(() => machine.Device.DevmMemremapPages(new PfnRange(Range.Start, 512), reference));
    }

    [Fact]
    public unsafe void A_mapping_of_a_part_of_a_range_has_the_address_of_that_part()
    {
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        using var reference = new PercpuRef();
        var part = new PfnRange(new Pfn(Range.Start.Value + 512), 512);
        DeviceMapping plain = machine.Device.DevmMemremap(part), pages = machine.Device.DevmMemremapPages(part, reference);
        Assert.Equal((nint)region.Address + (512 * 4096), plain.Address);
        Assert.Equal(plain.Address, pages.Address);
        *(byte*)plain.Address = 5;
        Assert.Equal(5, machine.Space.Memory(machine.Space.PfnToPage(part.Start))[0]);
        Assert.Equal((nint)region.Address, machine.Device.DevmMemremap(Range).Address);
        // The direct map of RAM, too.
        PhysicalRegion ram = machine.Space.FindRegion(new Pfn(0))!;
        Assert.Equal((nint)ram.Address + (7 * 4096), machine.Device.DevmMemremapPages(new PfnRange(new Pfn(7), 512), null).Address);
        reference.Kill();
    }

    [Fact]
    public void I44_release_waits_for_the_last_holder_and_then_no_lookup_finds_the_map()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(Range, reference);
        Page page = machine.Space.PfnToPage(Range.Start);
        page.Get();
        reference.Kill();
        bool released = false;
        var unbinder = new Worker(() =>
        {
            mapping.Release();
            Volatile.Write(ref released, true);
        });
        Assert.False(unbinder.Thread.Join(50));
        Assert.False(Volatile.Read(ref released));
        Assert.Equal(2, page.Count);
        page.Put();
        unbinder.Join();
        Assert.Null(machine.Table.GetDevPagemap(Range.Start));
        Assert.True(machine.Space.PfnToPage(Range.Start).IsNull);
    }

    [Fact]
    public void I45_releasing_a_live_mapping_warns_and_still_waits_for_its_holders()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(Range, reference);
        Page page = machine.Space.PfnToPage(Range.Start);
        page.Get();
        var warnings = TestMachine.Warnings(() =>
        {
            var unbinder = new Worker(() => mapping.Release());
            Assert.False(unbinder.Thread.Join(50));
            Assert.Equal(2, page.Count);
            page.Put();
            unbinder.Join();
        });
        Assert.Contains(warnings, each => each.Contains("still live", StringComparison.Ordinal));
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void I46_a_failure_half_way_leaves_nothing_and_the_range_can_be_mapped_again()
    {
        Needs.FramesInTheDevice();
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        var tooSmall = new VmemAltmap(Range.Start, 2, 700); // The first section's 512 pages fit, the second's do not.
        Assert.Throws<InsufficientMemoryException>(() => machine.Device.DevmMemremapPages(Range, reference, tooSmall));
        Assert.Equal(0UL, tooSmall.Allocated);
        using var other = new PercpuRef();
        DevPagemap plain = machine.Table.Register(Range, other);
        Assert.Throws<RangeBusyException>(() => machine.Device.DevmMemremapPages(Range, reference)); // The last step fails.
        Assert.True(machine.Space.PfnToPage(Range.Start).IsNull);
        other.Kill();
        machine.Table.Unregister(plain);
        Assert.NotNull(machine.Device.DevmMemremapPages(Range, reference).Pagemap);
        machine.Device.Remove();
        Assert.Throws<ObjectDisposedException>(() => machine.Device.DevmMemremap(Range));
        Assert.True(reference.IsZero);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I46_a_range_that_is_released_takes_nothing_of_its_neighbours_frames(bool inDevice)
    {
        using var machine = new TestMachine();
        if (inDevice)
            Needs.FramesInTheDevice();
        ulong third = FrameMap.PagesPerSection, start = Range.Start.Value;
        machine.Space.AddDevice(new PfnRange(Range.Start, 3 * third), "three sections");
        var references = new PercpuRef[3];
        var mappings = new DeviceMapping[3];
        for (ulong i = 0; i < 3; i++)
        {
            references[i] = new PercpuRef();
            var range = new PfnRange(new Pfn(start + (i * third)), third);
            mappings[i] = machine.Device.DevmMemremapPages(range, references[i], inDevice ? new VmemAltmap(range.Start, 0, 512) : null);
        }
        // A page's last words of one range lie beside the first ones of the next.
        Page[] neighbours = [machine.Space.PfnToPage(new Pfn(start + third - 1)), machine.Space.PfnToPage(new Pfn(start + (3 * third) - 1)), machine.Space.PfnToPage(mappings[2].Pagemap!.FirstPfn)];
        foreach (Page page in neighbours)
            page.DriverData = 77;
        references[1].Kill();
        Assert.True(mappings[1].Release());
        Assert.All(neighbours, static page => Assert.Equal((77L, 1L), (page.DriverData, page.Count)));
        Assert.True(machine.Space.PfnToPage(new Pfn(start + third)).IsNull);
        references[0].Kill();
        references[2].Kill();
    }

    [Theory]
    [InlineData(0, false)] // 504 pages for the first section, which 8 of alignment part from the 512 of the second.
    [InlineData(8, true)]
    [InlineData(16, false)]
    [InlineData(520, true)]
    public void I46_an_altmap_that_cannot_give_the_frames_in_one_piece_is_refused_and_keeps_nothing(int reserve, bool fits)
    {
        Needs.FramesInTheDevice();
        using var machine = new TestMachine();
        machine.AddDevice();
        var range = new PfnRange(new Pfn(Range.Start.Value + 512), Range.Length - 512);
        using var reference = new PercpuRef();
        var altmap = new VmemAltmap(range.Start, (ulong)reserve, 4096);
        if (fits)
        {
            Assert.Equal(1016UL, machine.Device.DevmMemremapPages(range, reference, altmap).Pagemap!.Altmap!.Allocated);
            reference.Kill();
            return;
        }
        Assert.Contains("in one piece", Assert.Throws<ArgumentException>("altmap", () => machine.Device.DevmMemremapPages(range, reference, altmap)).Message, StringComparison.Ordinal);
        Assert.Equal(0UL, altmap.Allocated);
        Assert.True(machine.Space.PfnToPage(range.Start).IsNull);
        Assert.NotNull(machine.Device.DevmMemremapPages(range, reference).Pagemap);
        reference.Kill();
    }

    [Fact]
    public unsafe void I46_the_frames_of_a_range_that_is_gone_read_as_zeros()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(Range, reference);
        Page[] pages = [machine.Space.PfnToPage(Range.Start), machine.Space.PfnToPage(new Pfn(Range.End.Value - 1))];
        Assert.All(pages, static page => page.DriverData = 77);
        reference.Kill();
        Assert.True(mapping.Release());
        Assert.All(pages, static page => Assert.True(new ReadOnlySpan<byte>(page.Frame, sizeof(PageFrame)).IndexOfAnyExcept((byte)0) < 0));
    }

    [Fact]
    public void A_device_unbound_and_bound_again_gets_fresh_frames()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        for (int i = 0; i < 3; i++)
        {
            using var reference = new PercpuRef();
            DeviceMapping mapping = machine.Device.DevmMemremapPages(Range, reference);
            Page page = machine.Space.PfnToPage(Range.Start);
            Assert.Equal(0, page.DriverData);
            Assert.Equal(1, page.Count);
            page.DriverData = 77;
            reference.Kill();
            mapping.Release();
            Assert.Throws<InvalidOperationException>(page.Get); // A stale page is refused, not a crash.
        }
    }
}
