using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Unit.Buffers;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Frames;

/// <summary>Regions at their edges: of the space, of each other's claims, of a count of mappings.</summary>
public sealed unsafe class RegionEdgesTests
{
    [Fact]
    public void A_claim_may_begin_where_another_ends_and_no_earlier()
    {
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        Assert.True(region.TryClaim(4096, 4096));
        Assert.True(region.TryClaim(8192, 4096));
        Assert.True(region.TryClaim(0, 4096));
        Assert.False(region.TryClaim(8191, 1));
        Assert.False(region.TryClaim(8192, 1));
        Assert.False(region.TryClaim(0, 16384));
        region.Unclaim(4096);
        Assert.True(region.TryClaim(4096, 4096));
    }

    [Fact]
    public void I43_a_range_may_end_where_the_space_ends_and_no_later()
    {
        using var machine = new TestMachine();
        ulong end = machine.Space.Capacity;
        Assert.Throws<PfnRangeException>(() => machine.Space.AddDevice(new PfnRange(new Pfn(end - 512), 1024), "beyond"));
        Assert.Throws<PfnRangeException>(() => machine.Space.AddDevice(new PfnRange(new Pfn(end), 512), "outside"));
        Assert.Equal(end, machine.Space.AddDevice(new PfnRange(new Pfn(end - 512), 512), "last").Range.End.Value);
    }

    [Fact]
    public void What_is_mapped_twice_stays_until_the_second_unmapping()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        Assert.Equal("---", Protection(region));
        region.Map();
        region.Map();
        Assert.Equal("rw-", Protection(region));
        region.Unmap();
        Assert.Equal("rw-", Protection(region));
        region.Unmap();
        Assert.Equal("---", Protection(region));
    }

    /// <summary>A mapping at a fixed address that a file system refuses, as most do a synchronous one, leaves nothing there. Whoever reserved
    /// addresses at that moment was given them, and lost what he put there to our next mapping.</summary>
    [Fact]
    public void The_addresses_of_a_range_are_nobody_elses_at_any_moment_of_its_mapping()
    {
        Needs.RangesBackedByFiles();
        const long Length = 8 << 20;
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> Pfn.PageShift), "file", machine.NewFile(Length));
        long first = (long)region.Address, given = 0;
        bool ended = false;
        using var other = new Worker(() =>
        {
            while (!Volatile.Read(ref ended))
            {
                long address = NativeBlocks.Reserve(Length);
                if (address < first + Length && first < address + Length)
                    Volatile.Write(ref given, address); // Kept: what is there now belongs to both.
                else
                    NativeBlocks.Release(address, Length);
            }
        });
        try
        {
            for (int i = 0; i < 5_000 && Volatile.Read(ref given) == 0; i++)
            {
                region.Map();
                region.Unmap();
            }
        }
        finally
        {
            Volatile.Write(ref ended, true);
        }
        other.Join();
        Assert.Equal(0, given);
    }

    /// <summary>Where it was mapped may be somebody else's by the second time, and mostly is: the system gives out such addresses first.</summary>
    [Fact]
    public void Memory_that_is_disposed_of_twice_gives_its_addresses_back_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        const long length = 64 << 20;
        foreach (bool isProtected in (bool[])[false, true])
        {
            RegionMemory memory = isProtected ? RegionMemory.CreateProtected(length) : RegionMemory.CreateAnonymous(length);
            memory.Dispose();
            long[] others = [.. Enumerable.Range(0, 8).Select(static _ => NativeBlocks.Reserve(length))];
            Assert.All(others, static address => Assert.True(NativeBlocks.Commit(address, length)));
            memory.Dispose();
            Assert.All(others, static address => Assert.Equal("rw-", Protection(address)));
            Array.ForEach(others, static address => NativeBlocks.Release(address, length));
        }
    }

    [Fact]
    public void Memory_that_was_taken_away_reads_zeros_and_is_of_this_process_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        long length = Environment.SystemPageSize, address = NativeBlocks.Reserve(length);
        Assert.True(NativeBlocks.Commit(address, length));
        *(long*)address = 7;
        RegionMemory.MakeZero(address, length);
        Assert.Equal((0, "rw-p"), (*(long*)address, Protection(address, 4)));
        NativeBlocks.Release(address, length);
    }

    [Fact]
    public void Memory_that_the_process_cannot_address_is_not_mapped_with_the_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using RegionMemory hidden = RegionMemory.CreateProtected(1 << 20);
        hidden.Map();
        Assert.Equal("---", Protection((long)hidden.Address));
    }

    /// <summary>Else every program that this one starts would hold the memory.</summary>
    [Fact]
    public void Memory_without_a_name_is_not_given_to_programs_that_are_started()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/fdinfo.");
        using RegionMemory one = RegionMemory.CreateAnonymous(1 << 20), other = RegionMemory.CreateProtected(1 << 20);
        int seen = 0;
        foreach (FileInfo file in new DirectoryInfo("/proc/self/fd").EnumerateFiles().Where(static file => file.LinkTarget?.Contains("memfd:percpu-pages", StringComparison.Ordinal) == true).ToArray())
        {
            string[] lines = [];
            if (Caught.By(() => lines = File.ReadAllLines($"/proc/self/fdinfo/{file.Name}")) is not null)
                continue; // Another test's, closed since.
            string flags = lines.Single(static line => line.StartsWith("flags:", StringComparison.Ordinal));
            Assert.NotEqual(0, Convert.ToInt32(flags[6..].Trim(), 8) & 0x80000); // O_CLOEXEC.
            seen++;
        }
        Assert.True(seen >= 2, $"{seen} are open.");
    }

    [Fact]
    public void A_read_behind_the_end_of_a_file_that_was_cut_is_refused_and_ends() => Worker.RunWaiting("bytes that a file does not have", static () =>
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile((long)TestMachine.Pmem.Length * 4096);
        RegionMemory memory = machine.Space.AddDevice(TestMachine.Pmem, "pmem", path).Memory;
        memory.WriteMedium(8190, [1, 2]);
        using (FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            file.SetLength(8192);
        byte[] found = new byte[4];
        Assert.Throws<EndOfStreamException>(() => memory.ReadMedium(8190, found));
        Assert.Throws<EndOfStreamException>(() => memory.ReadMedium(8192, found));
        memory.ReadMedium(8188, found);
        Assert.Equal([0, 0, 1, 2], found);
        memory.ReadMedium(8192, []);
    });

    [Fact]
    public void A_region_for_reading_shows_what_its_file_has_and_cannot_be_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using var machine = new TestMachine();
        string path = machine.NewFile((long)TestMachine.Pmem.Length * 4096);
        using (FileStream file = File.OpenWrite(path))
        {
            file.Position = 5;
            file.WriteByte(7);
        }
        PhysicalRegion region = machine.Space.AddDevice(TestMachine.Pmem, "pmem", path, readOnly: true);
        Assert.False(region.IsWritable);
        region.Map();
        Assert.Equal(7, region.Address[5]);
        Assert.Equal("r--", Protection(region));
        region.Unmap();
    }

    [Fact]
    public void Every_call_of_a_region_a_pool_and_a_space_gives_its_lock_back_also_one_that_fails()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile((long)TestMachine.Pmem.Length * 4096);
        object[] owners = [machine.Space, machine.Space.Frames, machine.Space.Ram];
        AssertUnlocked(-2);
        PhysicalRegion region = machine.Space.AddDevice(TestMachine.Pmem, "pmem", path);
        owners = [.. owners, region];
        AssertUnlocked(-1);
        Action[] calls =
        [
            () => region.TryClaim(0, 4096), () => region.TryClaim(0, 4096), () => region.Unclaim(0), region.Map, region.Unmap,
            () => Truncated(() => Assert.Throws<EndOfStreamException>(region.Map)), region.Map, region.Unmap,
            () => machine.Space.AllocatePage().Put(), () => machine.Space.FindRegion(new Pfn(0)),
            () => machine.Space.AddDevice(new PfnRange(new Pfn(4096), 512), "other"),
            () => Assert.Throws<RangeBusyException>(() => machine.Space.AddDevice(new PfnRange(new Pfn(4096), 512), "taken")),
            () => Assert.Throws<RangeBusyException>(() => machine.Space.AddRam(new PfnRange(new Pfn(2048), 512))), // In a section with frames.
            () => machine.Space.AddRam(new PfnRange(new Pfn(1 << 18), 512)), () => machine.Space.PfnToPage(new Pfn(1 << 18)), () => machine.Space.PfnToPage(new Pfn(1 << 19)),
            () => machine.Space.Frames.Remove(new PfnRange(new Pfn(1 << 18), 512)),
        ];
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i]();
            AssertUnlocked(i);
        }
        Assert.Equal(0, Hidden.Word(region, "MapCount"));

        void AssertUnlocked(int call) =>
            Assert.All(owners, owner => Assert.True(Hidden.IsUnlocked(owner), $"After call {call} the lock of the {owner.GetType().Name} is still held."));

        void Truncated(Action call)
        {
            using FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            long length = file.Length;
            file.SetLength(4096);
            call();
            file.SetLength(length);
        }
    }

    [Fact]
    public void A_flush_brings_what_was_stored_to_the_medium()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/smaps.");
        const int border = 4 << 20; // The system may write many pages at once, but none of a block on the other side of this.
        int page = Environment.SystemPageSize;
        using var machine = new TestMachine();
        string path = machine.NewFile((long)TestMachine.Pmem.Length * 4096);
        PhysicalRegion region = machine.Space.AddDevice(TestMachine.Pmem, "pmem", path);
        region.Map();
        region.Memory.EnsureAllocated(0, 2 * border);
        new Span<byte>(region.Address, 2 * border).Fill(1);
        using (Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            RandomAccess.FlushToDisk(file);
        Assert.SkipUnless(Dirty() == 0, "The file system of the temporary folder keeps its pages in memory.");
        // The operating system writes now and then by itself: it must not do so at every try.
        int before = 0;
        for (byte attempt = 2; attempt < 7 && before == 0; attempt++)
        {
            new Span<byte>(region.Address + border - page, 2 * page).Fill(attempt);
            before = Dirty();
            region.Memory.Flush(border - 96, 0); // Nothing.
            region.Memory.Flush(border - 96, 200); // Both pages.
            Assert.Equal(0, Dirty());
        }
        Assert.True(before > 0);
        region.Unmap();

        int Dirty() => UnmappingDoesNotFlushTests.DirtyKibibytes(path);
    }

    private static string Protection(PhysicalRegion region) => Protection((long)region.Address);

    private static string Protection(long address, int letters = 3)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split(' ', 3);
            ulong[] ends = [.. parts[0].Split('-').Select(end => ulong.Parse(end, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture))];
            if ((ulong)address >= ends[0] && (ulong)address < ends[1])
                return parts[1][..letters];
        }
        return "none";
    }
}
