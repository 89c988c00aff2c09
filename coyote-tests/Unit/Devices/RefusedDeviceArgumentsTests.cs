using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>Each argument that is refused is told by its name and value, of several the first that is wrong; and a refused call leaves nothing behind.</summary>
public sealed class RefusedDeviceArgumentsTests
{
    private static readonly PfnRange Range = TestMachine.Pmem;

    [Fact]
    public void Arguments_of_tables_and_devices()
    {
        Refused.Null("space", () => new PagemapTable((PhysicalSpace)null!));
        using var machine = new TestMachine();
        Refused.Null("table", () => new Device(null!, null!));
        Assert.Equal("name", Assert.ThrowsAny<ArgumentException>(() => new Device(new PagemapTable(), null!)).ParamName);
        Assert.Equal("name", Assert.ThrowsAny<ArgumentException>(() => new Device(machine.Table, "")).ParamName);
        Refused.Wrong("table", () => new Device(new PagemapTable(), "none"));
        foreach (TimeSpan after in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1), TimeSpan.MinValue])
        {
            Refused.Range("value", after, () => new Device(machine.Table, "none") { StallReportAfter = after });
            Refused.Range("options", after, () => new RequestQueue(new RequestQueueOptions { StallReportAfter = after }));
        }
        Assert.Equal(TimeSpan.FromTicks(1), new Device(machine.Table, "none") { StallReportAfter = TimeSpan.FromTicks(1) }.StallReportAfter);
        Refused.Null("driver", () => machine.Device.Bind(null!));
        Refused.Null("name", () => machine.Device.AddResource(null!, null!));
        Refused.Null("release", () => machine.Device.AddResource("none", null!));
        Refused.Null("device", () => MemoryRemap.DevmMemremap(null!, default));
        Refused.Null("device", () => MemoryRemap.DevmMemremapPages(null!, default, null));
        Refused.Null("device", () => PmemDriver.Bind(null!, null!));
        Refused.Null("space", () => PmemDriver.Bind(machine.Device, null!));
        Refused.Null("space", () => new PmemDriver(null!));
        Refused.Null("region", () => new PmemNamespace(null!));
        Refused.Wrong("region", () => new PmemNamespace(machine.Space.FindRegion(new Pfn(0))!));
        var names = new PmemNamespace(machine.AddDevice());
        foreach (NamespaceMode mode in (NamespaceMode[])[(NamespaceMode)(-1), NamespaceMode.Dax + 1])
        {
            Refused.Range("expected", mode, () => new PmemNamespace(names.Region, expected: mode));
            Refused.Range("expected", mode, () => names.With(mode));
        }
        foreach (NamespaceMode mode in (NamespaceMode[])[NamespaceMode.Raw, NamespaceMode.Dax + 1])
            Refused.Wrong("mode", () => names.Format(mode, 1, FrameLocation.None));
        foreach (int size in (int[])[0, 511, 513, 4097, 8192, -512])
            Refused.Wrong("sectorSize", () => names.Format(NamespaceMode.Btt, size, FrameLocation.None));
        foreach (FrameLocation frames in (FrameLocation[])[FrameLocation.None, FrameLocation.Medium + 1])
            Refused.Wrong("frames", () => names.Format(NamespaceMode.Pfn, frames: frames));
        Assert.Equal(NamespaceMode.Raw, names.Inspect().Mode);
        Assert.Equal(0, Hidden.Word(names.Region, "MapCount"));
    }

    [Fact]
    public void Arguments_of_altmaps_and_registrations()
    {
        var altmap = new VmemAltmap(new Pfn(0), 0, 100);
        Refused.Range("pages", 0UL, () => altmap.TryAllocate(0, out _));
        Assert.True(altmap.TryAllocate(1, out _));
        Refused.Range("pages", 2UL, () => altmap.Release(2));
        Assert.Equal((1UL, true), (altmap.Allocated, Hidden.IsUnlocked(altmap)));
        altmap.Release(1);
        altmap.Release(0);
        Assert.Equal(0UL, altmap.Allocated);
        using var machine = new TestMachine();
        Refused.Null("pagemap", () => machine.Table.Unregister(null!));
        Refused.Null("reference", () => machine.Table.Register(default, null!));
    }

    [Fact]
    public void Arguments_of_disks()
    {
        using var machine = new TestMachine();
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, new PmemNamespace(machine.AddDevice())).Disk;
        foreach ((long offset, int length) in ((long, int)[])[(disk.Length + 512, 0), (-512, 0), (long.MinValue, 512)])
        {
            Refused.Range("offset", offset, () => disk.Read(offset, new byte[length]));
            Refused.Range("offset", offset, () => disk.TryRead(offset, new byte[length]));
            Refused.Range("offset", offset, () => disk.Write(offset, new byte[length]));
        }
        foreach (long offset in (long[])[1, 511, -1, disk.Length - 1])
        {
            Refused.Wrong("offset", () => disk.Read(offset, new byte[1]));
            Refused.Wrong("offset", () => disk.Write(offset, new byte[1]));
        }
        Refused.Wrong("destination", () => disk.Read(0, new byte[511]));
        Refused.Wrong("destination", () => disk.TryRead(0, new byte[513]));
        Refused.Wrong("source", () => disk.Write(0, new byte[1]));
        Refused.Range("destination", 1024L, () => disk.Read(disk.Length - 512, new byte[1024]));
        Refused.Range("destination", 512L, () => disk.TryRead(disk.Length, new byte[512]));
        Refused.Range("source", 1024L, () => disk.Write(disk.Length - 512, new byte[1024]));
        disk.Read(disk.Length, []);
        disk.Write(disk.Length - 512, new byte[512]);
        foreach (long offset in (long[])[1, 512, 4095, -1])
            Refused.Wrong("offset", () => disk.DirectAccess(offset).Dispose());
        foreach (long offset in (long[])[disk.Length, -4096])
            Refused.Range("offset", offset, () => disk.DirectAccess(offset).Dispose());
        using (DirectMapping last = disk.DirectAccess(disk.Length - 4096))
            Assert.Equal((4096, Range.End.Value - 1), (last.Length, last.Pfn.Value));
        foreach ((long offset, long length) in ((long, long)[])[(-1, 0), (0, -1), (0, disk.Length + 1), (disk.Length, 1), (1, disk.Length)])
            Refused.Range("offset", offset, () => disk.Prepare(offset, length));
        disk.Prepare(disk.Length, 0);
        disk.Prepare(0, disk.Length);
        Assert.Equal(1, disk.Queue.Usage.ApproximateCount);
    }

    [Fact]
    public void Arguments_of_label_areas()
    {
        Refused.Null("region", () => LabelArea.Find(null!));
        Refused.Null("region", () => LabelArea.Open(null!));
        Refused.Null("region", () => LabelArea.Create(null!, 0, 0));
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        foreach (int minor in (int[])[0, 3, -1])
            Refused.Range("minor", minor, () => LabelArea.Create(region, 0, minor));
        long all = (long)Range.Length << 12;
        foreach (long size in (long[])[1, (128 << 10) - 4096, (128 << 10) + 512, all, all + 4096, -4096])
        {
            Refused.Range("size", size, () => LabelArea.Create(region, size));
            Refused.Range("size", size, () => LabelArea.Open(region, size));
        }
        Assert.Equal(InfoBlockFault.Missing, Assert.Throws<InfoBlockException>(() => LabelArea.Open(region)).Fault);
        LabelArea area = LabelArea.Create(region, 128 << 10, 2);
        foreach (string? name in (string?[])[null, ""])
            Assert.Equal("nameOrUuid", Assert.ThrowsAny<ArgumentException>(() => area.Find(name!)).ParamName);
        Refused.Wrong("nameOrUuid", () => area.Find("none"));
        Refused.Null("name", () => area.Create(0, NamespaceMode.Raw, null!));
        Refused.Wrong("mode", () => area.Create(1, NamespaceMode.Dax + 1));
        Refused.Wrong("sectorSize", () => area.Create(1, NamespaceMode.Btt, sectorSize: 1));
        Refused.Wrong("frames", () => area.Create(1, NamespaceMode.Pfn, frames: FrameLocation.None));
        foreach (long size in (long[])[0, -LabelArea.Alignment, LabelArea.Alignment - 4096, LabelArea.Alignment + 1])
            Refused.Wrong("size", () => area.Create(size, NamespaceMode.Raw, "\0"));
        foreach (string name in (string[])["\0", "a\0", new('a', 64), new('ä', 32)])
            Refused.Wrong("name", () => area.Create(LabelArea.Alignment, NamespaceMode.Raw, name));
        Refused.Null("space", () => area.Delete(null!));
        Refused.Wrong("space", () => area.Delete(new PmemNamespace(region)));
        foreach (string name in (string[])["", new('a', 63), new('ä', 31)])
            Assert.Equal(name, area.Create(LabelArea.Alignment, NamespaceMode.Raw, name).Name);
        Refused.Wrong("name", () => area.Create(LabelArea.Alignment, NamespaceMode.Raw, new('a', 63)));
        Assert.Equal((3, 0, true), (area.Namespaces.Count, Hidden.Word(region, "MapCount"), Hidden.IsUnlocked(area)));
    }

    [Theory]
    [InlineData("no room for the frames")]
    [InlineData("a driver's callback")]
    [InlineData("registered")]
    [InlineData("removed")]
    public void A_mapping_that_failed_leaves_its_memory_unmapped_and_its_frames_and_table_free(string why)
    {
        Needs.FramesInTheDevice();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        using var reference = new PercpuRef();
        Device device = why == "removed" ? new Device(machine.Table, "removed") : machine.Device;
        PercpuRef? others = null;
        if (why == "registered")
            machine.Table.Register(Range, others = new PercpuRef());
        if (why == "removed")
            device.Remove();
        VmemAltmap? altmap = why == "no room for the frames" ? new VmemAltmap(Range.Start, 2, 100) : null;
        Exception? failed = Caught.By(() => device.DevmMemremapPages(Range, why == "a driver's callback" ? null : reference, altmap));
        Assert.NotNull(failed);
        Assert.Equal(0, Hidden.Word(region, "MapCount"));
        Assert.True(machine.Space.PfnToPage(Range.Start).IsNull, "Frames are left.");
        Assert.Equal(why == "removed" ? 0 : 1, reference.ApproximateCount); // What was mapped already is taken back by a kill.
        if (others is not null)
        {
            DevPagemap map = machine.Table.GetDevPagemap(Range.Start)!;
            others.Put();
            others.Kill();
            machine.Table.Unregister(map);
        }
        Assert.Null(machine.Table.GetDevPagemap(Range.Start));
        using var next = new PercpuRef();
        machine.Device.DevmMemremapPages(Range, next);
        Assert.Equal(1, Hidden.Word(region, "MapCount"));
        next.Kill();
    }
}
