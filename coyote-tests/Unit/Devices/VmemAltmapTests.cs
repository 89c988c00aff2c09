using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

public sealed class VmemAltmapTests
{
    private static readonly PfnRange Range = TestMachine.Pmem;

    public VmemAltmapTests() => Needs.FramesInTheDevice();

    [Fact]
    public unsafe void I48_the_frames_lie_in_the_device_and_the_first_pfn_skips_them()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        var altmap = new VmemAltmap(Range.Start, 2, 2046);
        DeviceMapping mapping = machine.Device.DevmMemremapPages(Range, reference, altmap);
        DevPagemap map = mapping.Pagemap!;

        Assert.Equal(Range.Start.Value + 2048, map.FirstPfn.Value);
        Assert.Equal(Range.End, map.EndPfn);
        Assert.Equal(0UL, altmap.Allocated); // Copied at registration.
        Assert.Equal(1024UL, map.Altmap!.Allocated);
        Assert.Equal(510UL, map.Altmap.Align);
        Page page = machine.Space.PfnToPage(map.FirstPfn);
        page.DriverData = 0x5EED;
        // Frame i lies 64 i bytes behind the carved pages' start: 2 reserved and 510 for alignment come first.
        Assert.Equal(0x5EED, *(long*)(mapping.Address + (512 << 12) + (2048 << 6) + 24));
        Assert.True(machine.Space.PfnToPage(Range.Start).Flags.HasFlag(PageFlags.Reserved));
        Assert.Null(machine.Space.PfnToPage(Range.Start).Owner);
        Assert.Same(map, page.Owner);
        reference.Kill();
    }

    [Fact]
    public void I48_pages_taken_before_the_mapping_count_for_it_with_what_was_lost_to_alignment()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        var altmap = new VmemAltmap(Range.Start, 0, 4096);
        Assert.True(altmap.TryAllocate(3, out _));
        Assert.True(altmap.TryAllocate(8, out Pfn aligned));
        Assert.Equal((Range.Start.Value + 8, 11UL, 5UL), (aligned.Value, altmap.Allocated, altmap.Align));
        VmemAltmap used = machine.Device.DevmMemremapPages(Range, reference, altmap).Pagemap!.Altmap!;
        Assert.Equal((11 + 1024UL, 512 - 11UL), (used.Allocated, used.Align)); // The frames begin at the next multiple of 512.
        Assert.Equal((11UL, 5UL), (altmap.Allocated, altmap.Align));
        used.Release(11); // Else the release warns of them.
        reference.Kill();
    }

    [Fact]
    public unsafe void I49_the_altmap_is_found_from_a_memmap_address_also_while_the_map_is_dying()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        DevPagemap map = machine.Device.DevmMemremapPages(Range, reference, new VmemAltmap(Range.Start, 0, 2048)).Pagemap!;
        Page page = machine.Space.PfnToPage(map.FirstPfn);
        page.Get();
        Assert.Same(map.Altmap, machine.Table.ToVmemAltmap((nint)page.Frame));
        reference.Kill();
        Assert.Same(map.Altmap, machine.Table.ToVmemAltmap((nint)page.Frame));
        Assert.Null(machine.Table.ToVmemAltmap((nint)machine.Space.PfnToPage(new Pfn(0)).Frame));
        Assert.Null(machine.Table.ToVmemAltmap(0));
        page.Put();
        Assert.Throws<InvalidOperationException>(() => new PagemapTable().ToVmemAltmap(0));
    }

    [Fact]
    public void I49_pages_left_allocated_at_release_warn_once()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(Range, reference, new VmemAltmap(Range.Start, 0, 2048));
        Assert.True(mapping.Pagemap!.Altmap!.TryAllocate(3, out _));
        reference.Kill();
        var warnings = TestMachine.Warnings(() => mapping.Release());
        Assert.Single(warnings, each => each.Contains("3 reserved pages", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0UL, 0UL, Pfn.MaxValue, true)]
    [InlineData(0UL, 0UL, Pfn.MaxValue + 1, false)]
    [InlineData(100UL, 20UL, Pfn.MaxValue - 120, true)]
    [InlineData(100UL, 20UL, Pfn.MaxValue - 119, false)]
    [InlineData(100UL, Pfn.MaxValue - 100, 0UL, true)]
    [InlineData(100UL, Pfn.MaxValue - 99, 0UL, false)]
    [InlineData(Pfn.MaxValue, 0UL, 0UL, true)]
    [InlineData(Pfn.MaxValue, 0UL, 1UL, false)]
    [InlineData(Pfn.MaxValue + 1, 0UL, 0UL, false)]
    public void The_front_of_a_device_may_end_at_the_highest_frame_and_no_higher(ulong start, ulong reserve, ulong free, bool fits)
    {
        if (!fits)
        {
            Assert.Equal(free, Assert.Throws<ArgumentOutOfRangeException>(nameof(free), () => new VmemAltmap(new Pfn(start), reserve, free)).ActualValue);
            return;
        }
        var altmap = new VmemAltmap(new Pfn(start), reserve, free);
        Assert.Equal((new Pfn(start), reserve, free, reserve + free), (altmap.BasePfn, altmap.Reserve, altmap.Free, altmap.Offset));
    }

    [Fact]
    public void I49_any_sequence_of_allocations_agrees_with_a_simple_model() => Sequences.Check(300, 60, kinds: 4, operations =>
    {
        Operation shape = operations.FirstOrDefault();
        ulong start = Operation.Below(shape.First, 1 << 20), reserve = Operation.Below(shape.Second, 40), free = Operation.Below(shape.Third, 3000);
        var altmap = new VmemAltmap(new Pfn(start), reserve, free);
        ulong next = start + reserve, end = next + free, allocated = 0, lost = 0;
        foreach (Operation operation in operations.Skip(1))
        {
            ulong pages = 1 + Operation.Below(operation.First, 130);
            if (operation.Kind == 0)
            {
                if (allocated < pages)
                {
                    Assert.Throws<ArgumentOutOfRangeException>(() => altmap.Release(pages));
                    continue;
                }
                altmap.Release(pages);
                allocated -= pages;
                next -= pages; // The kernel's arithmetic: what is given back is handed out again from the end.
                continue;
            }
            ulong alignment = 1;
            while (pages % (alignment * 2) == 0)
                alignment *= 2;
            ulong at = (next + alignment - 1) / alignment * alignment;
            bool fits = at + pages <= end;
            Assert.Equal(fits, altmap.TryAllocate(pages, out Pfn first));
            if (!fits)
                continue;
            Assert.Equal(at, first.Value);
            lost += at - next;
            allocated += pages;
            next = at + pages;
        }
        Assert.Equal(allocated, altmap.Allocated);
        Assert.Equal(lost, altmap.Align);
    });

    [Fact]
    public void Bad_arguments_are_refused()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        var altmap = new VmemAltmap(Range.Start, 1, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => altmap.TryAllocate(0, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => altmap.Release(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VmemAltmap(Range.Start, Pfn.MaxValue, 1));
        Assert.Throws<ArgumentException>(() => machine.Device.DevmMemremapPages(Range, reference, new VmemAltmap(new Pfn(Range.Start.Value + 1), 0, 2048)));
        Assert.Throws<ArgumentException>(() => machine.Device.DevmMemremapPages(Range, reference, new VmemAltmap(Range.Start, 0, Range.Length + 1)));
        Assert.Throws<InsufficientMemoryException>(() => machine.Device.DevmMemremapPages(Range, reference, altmap));
    }

    [Fact]
    public void A_sparse_terabyte_is_registered_in_moments_and_costs_no_heap()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a sparse file of a terabyte.");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PERCPU_HOST") is not null, "An emulator keeps books for each page that is reserved, 6 GiB of them here.");
        using var machine = new TestMachine(PhysicalSpace.DefaultAddressBits);
        var range = new PfnRange(new Pfn(1UL << 28), 1UL << 28);
        string path = machine.NewFile(1L << 40);
        machine.Space.AddDevice(range, "terabyte", path);
        using var reference = new PercpuRef();
        var altmap = new VmemAltmap(range.Start, 2, (1UL << 22) + 510);

        long resident = Environment.WorkingSet;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long started = Environment.TickCount64;
        DevPagemap map = machine.Device.DevmMemremapPages(range, reference, altmap).Pagemap!;
        long took = Environment.TickCount64 - started;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated < 1 << 20, $"{allocated} bytes of heap.");
        // A walk over every frame would touch 16 GiB. How long it took is told and not judged: other tests run beside.
        Assert.True(Environment.WorkingSet - resident < 1L << 30, "The frames were touched.");
        Page last = machine.Space.PfnToPage(new Pfn(range.End.Value - 1));
        Assert.Same(map, last.Owner);
        Assert.Equal(1, last.Count);
        TestContext.Current.TestOutputHelper!.WriteLine($"{took} ms, {allocated} bytes");
        reference.Kill();
    }
}
