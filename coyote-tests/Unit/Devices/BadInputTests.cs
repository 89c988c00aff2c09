using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>Each refused call and the exception, or code of it, that no other refusal of the call has.</summary>
public sealed class BadInputTests
{
    private static readonly PfnRange Range = TestMachine.Pmem;

    [Theory]
    [InlineData(1UL << 20, 0UL, PfnRangeFault.Empty)]
    [InlineData(ulong.MaxValue & ~511UL, 1024UL, PfnRangeFault.Wraps)]
    [InlineData(1UL << 20, 513UL, PfnRangeFault.Misaligned)]
    [InlineData((1UL << 20) + 1, 512UL, PfnRangeFault.Misaligned)]
    public void I43_zero_pages_a_wrap_and_misalignment_each_have_their_own_code(ulong start, ulong length, PfnRangeFault fault)
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        var range = new PfnRange(new Pfn(start), length);
        Assert.Equal(fault, Assert.Throws<PfnRangeException>(() => machine.Device.DevmMemremapPages(range, reference)).Fault);
        Assert.Equal(fault, Assert.Throws<PfnRangeException>(() => machine.Device.DevmMemremap(range)).Fault);
        Assert.Equal(fault, Assert.Throws<PfnRangeException>(() => machine.Table.Register(range, reference)).Fault);
        PfnRangeFault added = Assert.Throws<PfnRangeException>(() => machine.Space.AddDevice(range, "bad")).Fault;
        Assert.Equal(fault, added);
        Assert.False(reference.IsDying);
    }

    [Fact]
    public void I43_a_null_reference_a_dead_one_and_a_bad_altmap_differ_by_type_or_parameter()
    {
        Needs.FramesInTheDevice();
        using var machine = new TestMachine();
        machine.AddDevice();
        Assert.Throws<ArgumentNullException>("reference", () => machine.Device.DevmMemremapPages(Range, null));
        using var live = new PercpuRef();
        Assert.Throws<ArgumentException>("altmap", () => machine.Device.DevmMemremapPages(Range, live, new VmemAltmap(new Pfn(7), 0, 2048)));
        using var dead = new PercpuRef();
        dead.Kill();
        Assert.Throws<ArgumentException>("reference", () => machine.Device.DevmMemremapPages(Range, dead));
    }

    [Fact]
    public void I43_a_mixed_range_one_without_memory_and_one_outside_differ_by_code()
    {
        using var machine = new TestMachine();
        using var reference = new PercpuRef();
        var mixed = new PfnRange(new Pfn(1024), 2048);
        Assert.Equal(RemapFault.MixedRange, Assert.Throws<RemapException>(() => machine.Device.DevmMemremapPages(mixed, reference)).Fault);
        Assert.Equal(RemapFault.MixedRange, Assert.Throws<RemapException>(() => machine.Device.DevmMemremap(mixed)).Fault);
        Assert.Equal(RemapFault.NoMemory, Assert.Throws<RemapException>(() => machine.Device.DevmMemremapPages(Range, reference)).Fault);
        var outside = new PfnRange(new Pfn(machine.Space.Capacity), 512);
        Assert.Equal(PfnRangeFault.OutsideSpace, Assert.Throws<PfnRangeException>(() => machine.Space.AddDevice(outside, "bad")).Fault);
    }

    [Fact]
    public void I43_an_overlap_is_busy_and_says_what_is_in_the_way()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        machine.Device.DevmMemremapPages(Range, reference);
        var inside = new PfnRange(new Pfn(Range.Start.Value + 512), 512);
        Assert.Equal(Range, Assert.Throws<RangeBusyException>(() => machine.Device.DevmMemremapPages(inside, reference)).InTheWay);
        Assert.Equal(Range, Assert.Throws<RangeBusyException>(() => machine.Space.AddDevice(inside, "again")).InTheWay);
        reference.Kill();
    }

    [Fact]
    public void A_second_bind_is_busy_and_unbinding_what_is_bound_elsewhere_is_not()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        var elsewhere = new Device(machine.Table, "elsewhere");
        PmemDriver.Bind(machine.Device, names);
        Assert.Throws<DeviceBusyException>(() => PmemDriver.Bind(machine.Device, names));
        Assert.Throws<ArgumentException>("driver", () => machine.Device.Unbind(new PmemDriver(names)));
        Assert.Equal(typeof(InvalidOperationException), Record.Exception(() => elsewhere.Unbind(machine.Device.Driver))!.GetType());
        Assert.NotNull(machine.Device.Driver);
    }

    [Fact]
    public void A_medium_of_another_kind_than_expected_has_its_own_code()
    {
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        var blank = new PmemNamespace(region, expected: NamespaceMode.Btt);
        Assert.Equal(InfoBlockFault.Foreign, Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, blank)).Fault);
        new PmemNamespace(region).Format(NamespaceMode.Btt);
        var wrong = new PmemNamespace(region, expected: NamespaceMode.Pfn);
        Assert.Equal(InfoBlockFault.Unexpected, Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, wrong)).Fault);
    }

    [Fact]
    public void A_file_that_was_cut_after_it_was_added_is_refused_and_not_a_crash()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Ranges backed by a file need mmap.");
        using var machine = new TestMachine();
        string path = machine.NewFile((long)Range.Length << Pfn.PageShift);
        var names = new PmemNamespace(machine.Space.AddDevice(Range, "file", path), expected: NamespaceMode.Pfn);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(4096);
        Assert.Throws<EndOfStreamException>(() => PmemDriver.Bind(machine.Device, names));
        Assert.Throws<EndOfStreamException>(() => names.Format(NamespaceMode.Pfn));
        using var reference = new PercpuRef();
        Assert.Throws<EndOfStreamException>(() => machine.Device.DevmMemremapPages(Range, reference));
        Assert.Null(machine.Device.Driver);
    }

    [Fact]
    public void A_removed_a_short_and_a_read_only_file_are_each_refused_by_their_own_exception()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile((long)Range.Length << Pfn.PageShift);
        File.SetAttributes(path, FileAttributes.ReadOnly);
        Assert.Throws<UnauthorizedAccessException>(() => machine.Space.AddDevice(Range, "read-only", path));
        File.SetAttributes(path, FileAttributes.Normal);
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(4096);
        Assert.Throws<EndOfStreamException>(() => machine.Space.AddDevice(Range, "short", path));
        File.Delete(path);
        Assert.Throws<FileNotFoundException>(() => machine.Space.AddDevice(Range, "removed", path));
        Assert.Null(machine.Space.FindRegion(Range.Start));
    }
}
