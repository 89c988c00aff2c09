using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

public sealed class PmemTests
{
    private static readonly PfnRange Range = TestMachine.Pmem;
    private static readonly long Bytes = (long)Range.Length << Pfn.PageShift;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I51_a_raw_namespace_reads_back_what_was_written(bool mapPages)
    {
        using var machine = new TestMachine();
        PmemDevice pmem = PmemDriver.Bind(machine.Device, new PmemNamespace(machine.AddDevice(), mapPages));
        Assert.Equal(NamespaceMode.Raw, pmem.Mode);
        Assert.Equal(mapPages ? PfnFlags.Device | PfnFlags.Mapped : PfnFlags.Device, pmem.PfnFlags);
        Assert.Equal(mapPages, pmem.Mapping.Pagemap is not null);
        Assert.Equal(mapPages, machine.Table.GetDevPagemap(Range.Start) is { } map && Put(map));
        BlockDisk disk = pmem.Disk;
        Assert.Equal(Bytes, disk.Length);
        Assert.True(disk.IsNonRotational);
        Assert.Equal(4096, disk.PhysicalBlockSize);

        byte[] written = new byte[1536], read = new byte[1536];
        new Random(1).NextBytes(written);
        disk.Write(Bytes - 1536, written);
        disk.Flush();
        Assert.True(disk.TryRead(Bytes - 1536, read));
        Assert.Equal(written, read);
        using DirectMapping direct = ((PmemDisk)disk).DirectAccess(Bytes - 4096);
        Assert.Equal(Range.End.Value - 1, direct.Pfn.Value);
        Assert.Equal(4096, direct.Length);
        Assert.Equal(pmem.PfnFlags, direct.Flags);
        Assert.True(direct.Span[2560..].SequenceEqual(written));
    }

    [Fact]
    public void Misaligned_out_of_range_and_dying_requests_each_have_their_own_error()
    {
        using var machine = new TestMachine();
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, new PmemNamespace(machine.AddDevice(), true)).Disk;
        Assert.Throws<ArgumentException>(() => disk.Read(1, new byte[512]));
        Assert.Throws<ArgumentException>(() => disk.Write(512, new byte[100]));
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.Read(Bytes, new byte[512]));
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.Read(-512, new byte[512]));
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.Write(Bytes - 512, new byte[1024]));
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.Read(long.MaxValue & -512, new byte[1024]));
        Assert.Throws<ArgumentException>(() => disk.DirectAccess(512).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.DirectAccess(Bytes).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.Prepare(Bytes, 1));
        disk.Read(Bytes, []);
        machine.Device.Unbind();
        Assert.Throws<ObjectDisposedException>(() => disk.Read(0, new byte[512]));
        Assert.Throws<ObjectDisposedException>(() => disk.Write(0, new byte[512]));
        Assert.Throws<ObjectDisposedException>(disk.Flush);
        Assert.Throws<ObjectDisposedException>(() => disk.DirectAccess(0).Dispose());
        Assert.Throws<ObjectDisposedException>(() => disk.TryRead(0, new byte[512]));
    }

    [Fact]
    public void I51_a_claimed_range_is_refused_and_free_again_after_unbind()
    {
        using var machine = new TestMachine();
        var space = new PmemNamespace(machine.AddDevice());
        var other = new Device(machine.Table, "other");
        PmemDriver.Bind(machine.Device, space);
        Assert.Throws<RangeBusyException>(() => PmemDriver.Bind(other, space));
        Assert.Throws<RangeBusyException>(() => space.Format(NamespaceMode.Pfn));
        machine.Device.Unbind();
        PmemDriver.Bind(other, space);
        other.Remove();
        using var elsewhere = new TestMachine();
        Assert.Throws<ArgumentException>(() => PmemDriver.Bind(elsewhere.Device, space));
        Assert.Throws<ArgumentException>(() => new PmemNamespace(machine.Space.FindRegion(new Pfn(0))!));
    }

    [Fact]
    public void I51_unbinding_waits_for_io_direct_access_and_pins_and_only_then_unmaps()
    {
        using var machine = new TestMachine();
        PmemDevice pmem = PmemDriver.Bind(machine.Device, new PmemNamespace(machine.AddDevice(), true));
        DirectMapping direct = ((PmemDisk)pmem.Disk).DirectAccess(0);
        Page page = machine.Space.PfnToPage(Range.Start);
        page.Get();
        var unbinder = new Worker(() => machine.Device.Unbind());
        Worker.AwaitTrue(NobodyNewGetsIn);
        Assert.False(unbinder.Thread.Join(30));
        direct.Span[0] = 1; // But still mapped.
        direct.Dispose();
        Assert.False(unbinder.Thread.Join(30));
        machine.Space.Memory(page)[1] = 2;
        page.Put();
        unbinder.Join();
        Assert.Null(machine.Device.Driver);

        bool NobodyNewGetsIn()
        {
            DevPagemap? map = machine.Table.GetDevPagemap(Range.Start);
            PagemapTable.PutDevPagemap(map);
            return map is null;
        }
    }

    [Fact]
    public void I51_io_racing_with_unbind_never_touches_unmapped_memory()
    {
        using var machine = new TestMachine();
        var space = new PmemNamespace(machine.AddDevice(), true);
        for (int round = 0; round < 20; round++)
        {
            BlockDisk disk = PmemDriver.Bind(machine.Device, space).Disk;
            using var started = new Barrier(3);
            Worker[] readers = [.. Enumerable.Range(0, 2).Select(i => new Worker(() =>
            {
                var buffer = new byte[4096];
                started.SignalAndWait();
                try
                {
                    while (true)
                        disk.Read((long)(i + 1) << 20, buffer);
                }
                catch (ObjectDisposedException)
                {
                }
            }))];
            started.SignalAndWait(TestContext.Current.CancellationToken);
            Thread.Sleep(1);
            machine.Device.Unbind();
            Array.ForEach(readers, each => each.Join("a disk that is gone to refuse it"));
        }
    }

    [Fact]
    public void I51_a_pfn_namespace_comes_back_as_what_it_was_formatted_for_and_keeps_its_data()
    {
        Needs.RangesBackedByFiles();
        string path;
        using var machine = new TestMachine();
        path = machine.NewFile(Bytes);
        var data = new byte[8192];
        new Random(2).NextBytes(data);
        for (int open = 0; open < 3; open++)
        {
            using var space = new PhysicalSpace(38);
            var device = new Device(new PagemapTable(space), "pmem0");
            var names = new PmemNamespace(space.AddDevice(Range, "file", path));
            if (open == 0)
                names.Format(NamespaceMode.Pfn);
            PmemDevice pmem = PmemDriver.Bind(device, names);
            Assert.Equal(NamespaceMode.Pfn, pmem.Mode);
            DevPagemap map = pmem.Mapping.Pagemap!;
            Assert.True(map.FirstPfn.Value % 512 == 0);
            Assert.Equal((long)(map.EndPfn.Value - map.FirstPfn.Value) << Pfn.PageShift, pmem.Disk.Length);
            Page page = space.PfnToPage(map.FirstPfn);
            Assert.Equal(1, page.Count); // I47: not what the run before left in the file.
            Assert.Equal(0, page.DriverData);
            page.DriverData = 99;
            if (open == 0)
                pmem.Disk.Write(4096, data);
            var read = new byte[8192];
            pmem.Disk.Read(4096, read);
            Assert.Equal(data, read);
            Assert.Throws<RangeBusyException>(() => names.Format(NamespaceMode.Btt));
            device.Remove();
            Assert.Throws<InvalidOperationException>(() => names.Format(NamespaceMode.Btt));
        }
    }

    [Theory]
    [InlineData("Foreign")]
    [InlineData("Corrupt")]
    [InlineData("DataOffset")]
    public void I51_a_bad_medium_is_refused_with_a_clear_error_and_not_written_to(string fault)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile(Bytes);
        using (var space = new PhysicalSpace(38))
            new PmemNamespace(space.AddDevice(Range, "file", path)).Format(NamespaceMode.Pfn);
        var range = Range;
        byte[] head = new byte[16384];
        using (FileStream file = File.Open(path, FileMode.Open))
        {
            file.ReadExactly(head);
            switch (fault)
            {
                case "Foreign":
                    new Random(3).NextBytes(head.AsSpan(4096, 4096)); // With our magic alone replaced it would be our block, damaged.
                    "SOMEBODY ELSE'S"u8.CopyTo(head.AsSpan(4096));
                    break;
                case "Corrupt":
                    head[4096 + 4000] ^= 1;
                    break;
                case "DataOffset": // Cut to where data would begin.
                    range = new PfnRange(Range.Start, 512);
                    file.SetLength(2 << 20);
                    break;
            }
            file.Position = 0;
            file.Write(head);
        }
        var names = new PmemNamespace(machine.Space.AddDevice(range, "file", path), expected: fault == "Foreign" ? NamespaceMode.Pfn : null);
        Assert.Equal(Enum.Parse<InfoBlockFault>(fault), Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, names)).Fault);
        byte[] after = new byte[16384];
        using (FileStream file = File.OpenRead(path))
            file.ReadExactly(after);
        Assert.Equal(head, after);
        Assert.Null(machine.Device.Driver);
        Assert.Null(machine.Device.DriverData);
        Assert.True(names.Region.TryClaim(0, names.Length)); // Nothing is left of the failed bind.
        names.Region.Unclaim(0);
        if (fault != "Foreign")
            return;
        Assert.Throws<InfoBlockException>(() => names.Format(NamespaceMode.Btt));
        Assert.Equal(NamespaceMode.Raw, PmemDriver.Bind(machine.Device, new PmemNamespace(names.Region)).Mode); // Plain data, if nothing is expected.
    }

    [Fact]
    public void A_read_only_raw_medium_can_be_read_and_refuses_writes()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, new PmemNamespace(machine.Space.AddDevice(Range, "file", machine.NewFile(Bytes), readOnly: true))).Disk;
        disk.Read(0, new byte[512]);
        Assert.Throws<UnauthorizedAccessException>(() => disk.Write(0, new byte[512]));
        Assert.Throws<UnauthorizedAccessException>(() => disk.Prepare(0, 512));
    }

    [Fact]
    public void A_file_removed_while_it_is_mapped_stays_usable()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile(Bytes);
        BlockDisk disk = PmemDriver.Bind(machine.Device, new PmemNamespace(machine.Space.AddDevice(Range, "file", path))).Disk;
        File.Delete(path);
        disk.Write(0, new byte[512]);
        disk.Flush();
        disk.Read(0, new byte[512]);
    }

    [Fact]
    public void Bad_formats_are_refused()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        Assert.Throws<ArgumentException>(() => names.Format(NamespaceMode.Raw));
        Assert.Throws<ArgumentException>(() => names.Format(NamespaceMode.Btt, 1000));
        Assert.Throws<ArgumentOutOfRangeException>("expected", () => new PmemNamespace(names.Region, expected: (NamespaceMode)9));
        var tiny = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(1 << 25), 512), "tiny"));
        Assert.Throws<ArgumentOutOfRangeException>(() => tiny.Format(NamespaceMode.Pfn));
        Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, new PmemNamespace(tiny.Region, expected: NamespaceMode.Btt)));
        Assert.Equal(NamespaceMode.Raw, PmemDriver.Bind(machine.Device, tiny).Mode);
    }

    private static bool Put(DevPagemap map)
    {
        PagemapTable.PutDevPagemap(map);
        return true;
    }
}
