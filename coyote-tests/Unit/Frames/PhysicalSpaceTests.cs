using System.Reflection;
using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Gup;
using Percpu.Unit.Support;

namespace Percpu.Unit.Frames;

public sealed class PhysicalSpaceTests
{
    [Fact]
    public void A_range_is_disjoint_from_RAM_inside_it_or_mixed()
    {
        using var machine = new TestMachine();
        machine.Space.AddDevice(new PfnRange(new Pfn(2048), 512), "device");

        Assert.Equal(RegionIntersection.Disjoint, machine.Space.Intersects(TestMachine.Pmem));
        Assert.Equal(RegionIntersection.Disjoint, machine.Space.Intersects(new PfnRange(new Pfn(2048), 512)));
        Assert.Equal(RegionIntersection.Intersects, machine.Space.Intersects(new PfnRange(new Pfn(100), 1)));
        Assert.Equal(RegionIntersection.Intersects, machine.Space.Intersects(TestMachine.Ram));
        Assert.Equal(RegionIntersection.Mixed, machine.Space.Intersects(new PfnRange(new Pfn(2047), 2)));
        Assert.Equal(RegionIntersection.Mixed, machine.Space.Intersects(new PfnRange(new Pfn(0), 1 << 20)));
        Assert.Equal(RegionIntersection.Intersects, machine.Space.Intersects(new PfnRange(new Pfn(2048), 8), RegionKind.Device));
        Assert.Throws<PfnRangeException>(() => machine.Space.Intersects(default));
        Assert.Throws<PfnRangeException>(() => machine.Space.Intersects(new PfnRange(new Pfn(ulong.MaxValue), 2)));
    }

    [Theory]
    [InlineData(29)]
    [InlineData(51)]
    [InlineData(-1)]
    public void A_space_of_too_few_or_too_many_bits_is_refused_by_their_number(int bits)
    {
        ArgumentOutOfRangeException thrown = Assert.Throws<ArgumentOutOfRangeException>("addressBits", () => new PhysicalSpace(bits));
        Assert.Equal(bits, thrown.ActualValue);
    }

    [Fact]
    public void Frames_are_initialised_by_the_first_look_whichever_way_they_are_looked_for()
    {
        using var machine = new GupMachine();
        FrameMap frames = machine.Space.Frames;
        ulong first = GupMachine.First.Value, last = first + TestMachine.Pmem.Length - 1;
        Assert.NotEqual(first >> FrameMap.SectionShift, last >> FrameMap.SectionShift);
        unsafe
        {
            foreach (ulong pfn in (ulong[])[first - 1, last + 1, frames.Capacity - 1, frames.Capacity, ulong.MaxValue])
                Assert.True(frames.TryFind(pfn) == null && frames.Find(pfn) == null);
            Assert.True(frames.TryFind(first) == frames.Locate(first) && frames.Find(last) == frames.Locate(last));
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(1, new Page(frames.TryFind(first + (ulong)i)).Count);
                Assert.Equal(1, new Page(frames.TryFind(last - (ulong)i)).Count);
            }
        }
    }

    [Fact]
    public void Adjacent_RAM_counts_as_one_range()
    {
        using var space = new PhysicalSpace(36);
        space.AddRam(new PfnRange(new Pfn(0), 32768));
        space.AddRam(new PfnRange(new Pfn(32768), 512));
        Assert.Equal(RegionIntersection.Intersects, space.Intersects(new PfnRange(new Pfn(32000), 1000)));
    }

    [Fact]
    public void Bad_ranges_are_refused_and_leave_nothing_behind()
    {
        using var space = new PhysicalSpace(36);
        Assert.Throws<PfnRangeException>(() => space.AddRam(default));
        Assert.Throws<PfnRangeException>(() => space.AddRam(new PfnRange(new Pfn(1), 512)));
        Assert.Throws<PfnRangeException>(() => space.AddRam(new PfnRange(new Pfn(512), 513)));
        Assert.Throws<PfnRangeException>(() => space.AddRam(new PfnRange(new Pfn(512), space.Capacity)));
        Assert.Throws<PfnRangeException>(() => space.AddRam(new PfnRange(new Pfn(ulong.MaxValue - 511), 512)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PhysicalSpace(51));
        space.AddRam(new PfnRange(new Pfn(512), 512));
        Assert.Throws<RangeBusyException>(() => space.AddDevice(new PfnRange(new Pfn(0), 1024), "device"));
        Assert.Throws<RangeBusyException>(() => space.AddRam(new PfnRange(new Pfn(1024), 512))); // The same section of frames.
        Assert.Null(space.FindRegion(new Pfn(1024)));
        space.AddDevice(new PfnRange(new Pfn(1024), 512), "device");
        space.Dispose();
        Assert.Throws<ObjectDisposedException>(() => space.AddDevice(new PfnRange(new Pfn(4096), 512), "device"));
        Assert.Throws<ObjectDisposedException>(() => space.AllocatePage());
    }

    [Fact]
    public void Pages_of_RAM_are_zeroed_counted_and_freed_at_their_last_put()
    {
        using var machine = new TestMachine();
        Page first = machine.Space.AllocatePage();
        machine.Space.Memory(first).Fill(7);
        first.Get();
        first.Put();
        first.Put();
        Assert.Throws<InvalidOperationException>(first.Get);
        Assert.Throws<InvalidOperationException>(first.Put);
        Assert.Equal(0, machine.Space.AllocatedPages);

        var pages = new List<Page>();
        for (ulong i = 0; i < TestMachine.Ram.Length; i++)
            pages.Add(machine.Space.AllocatePage());
        Assert.Equal(pages.Count, pages.Distinct().Count());
        Assert.All(pages, page => Assert.Equal(-1, machine.Space.Memory(page).IndexOfAnyExcept((byte)0)));
        Assert.Throws<InsufficientMemoryException>(() => machine.Space.AllocatePage());
        pages.ForEach(page => page.Put());
        Assert.Equal(0, machine.Space.AllocatedPages);
    }

    [Fact]
    public void Every_page_of_RAM_that_was_freed_can_be_had_again_and_again()
    {
        using var machine = new TestMachine();
        machine.Space.AddRam(new PfnRange(new Pfn(1 << 16), 512)); // In another place.
        const int all = 2048 + 512;
        for (int round = 0; round < 3; round++)
        {
            Page[] pages = [.. Enumerable.Range(0, all).Select(_ => machine.Space.AllocatePage())];
            Assert.Equal(all, pages.Distinct().Count());
            Assert.Equal(all, machine.Space.AllocatedPages);
            Assert.Throws<InsufficientMemoryException>(() => machine.Space.AllocatePage());
            Assert.All(pages, page => Assert.Equal((1L, PageFlags.None), (page.Count, page.Flags)));
            foreach (Page page in pages)
                page.Put();
            Assert.Equal(0, machine.Space.AllocatedPages);
        }
    }

    [Theory]
    [InlineData(new[] { 15 }, 13)] // Where two whole sections are free, the highest.
    [InlineData(new[] { 15, 12 }, 13)]
    [InlineData(new[] { 15, 13 }, 11)]
    [InlineData(new[] { 14, 12, 10, 8 }, 6)] // One section between others is too little.
    [InlineData(new[] { 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 }, 0)] // Below all others.
    [InlineData(new[] { 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, null)]
    [InlineData(new int[0], 14)]
    public void Memory_that_is_a_devices_alone_goes_to_the_highest_free_whole_sections(int[] taken, int? section)
    {
        foreach (bool two in (bool[])[false, true]) // One small region in each section, or two.
        {
            using var space = new PhysicalSpace(31); // 16 sections.
            foreach (int each in taken)
            {
                for (ulong i = 0; i < (two ? 2UL : 1); i++)
                    space.AddDevice(new PfnRange(new Pfn(((ulong)each * FrameMap.PagesPerSection) + 1024 + (i * 8192)), 512), "taken");
            }
            // The search itself: whoever adds the range looks again for as long as somebody else took it.
            var search = typeof(PhysicalSpace).GetMethod("FindFree", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<ulong, ulong, PfnRange>>(space);
            if (section is not { } found)
            {
                Assert.Throws<InsufficientMemoryException>(() => search(2 * FrameMap.PagesPerSection, 40000));
                continue;
            }
            var expected = new PfnRange(new Pfn((ulong)found * FrameMap.PagesPerSection), 40000);
            Assert.Equal(expected, search(2 * FrameMap.PagesPerSection, 40000));
            Assert.Equal(expected, space.AddProtected(40000, "memory").Range);
        }
    }

    [Fact]
    public void A_file_that_is_missing_short_or_read_only_is_refused()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile(4096);
        Assert.Throws<EndOfStreamException>(() => machine.Space.AddDevice(TestMachine.Pmem, "file", path));
        OpenFiles.AssertNothingLeft(path);
        Assert.Throws<FileNotFoundException>(() => machine.Space.AddDevice(TestMachine.Pmem, "file", path + ".no"));
        Assert.Throws<ArgumentException>(() => machine.Space.AddDevice(TestMachine.Pmem, "", path));
        Assert.Throws<ArgumentException>(() => machine.Space.AddDevice(TestMachine.Pmem, "file", ""));
        using (FileStream file = File.OpenWrite(path))
            file.SetLength((long)TestMachine.Pmem.Length << Pfn.PageShift);
        File.SetAttributes(path, FileAttributes.ReadOnly);
        Assert.Throws<UnauthorizedAccessException>(() => machine.Space.AddDevice(TestMachine.Pmem, "file", path));
        PfnRange other = new(new Pfn(1 << 21), TestMachine.Pmem.Length);
        Assert.False(machine.Space.AddDevice(other, "for reading", path, readOnly: true).IsWritable); // That much the file allows.
        File.SetAttributes(path, FileAttributes.Normal);
        Assert.Null(machine.Space.FindRegion(TestMachine.Pmem.Start));
    }

    [Fact]
    public void A_file_range_keeps_what_was_written_over_unmapping()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile((long)TestMachine.Pmem.Length << Pfn.PageShift);
        PhysicalRegion region = machine.Space.AddDevice(TestMachine.Pmem, "file", path);
        DeviceMapping mapping = machine.Device.DevmMemremap(TestMachine.Pmem);
        Assert.Contains(mapping.Backing, new[] { RegionBacking.SharedFile, RegionBacking.SynchronousFile });
        unsafe
        {
            *(long*)(mapping.Address + 8192) = 0x1234;
            Assert.True(mapping.Release());
            Assert.False(mapping.Release());
            Assert.Equal(0x1234, *(long*)(machine.Device.DevmMemremap(TestMachine.Pmem).Address + 8192));
        }
        Assert.Equal(0x34, File.ReadAllBytes(path)[8192]);
        Assert.True(region.IsWritable);
    }

    [Fact]
    public void A_full_disk_is_an_exception_before_anything_is_stored()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "Needs a file system that knows at once what it can never hold.");
        string path = "/dev/shm/percpu-" + Path.GetRandomFileName();
        try
        {
            const long length = 1L << 40;
            using (FileStream file = File.Create(path))
                file.SetLength(length);
            using var memory = RegionMemory.OpenFile(path, length, readOnly: false);
            Assert.Throws<DiskFullException>(() => memory.EnsureAllocated(0, length));
            memory.EnsureAllocated(4096, 4096);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
