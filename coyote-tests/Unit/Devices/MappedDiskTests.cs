using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>Disks whose memory others have mapped: who is told when it goes, and what a fault asks of the medium.</summary>
public sealed class MappedDiskTests
{
    private static readonly PfnRange Range = TestMachine.Pmem;
    private static readonly long Bytes = (long)Range.Length << Pfn.PageShift;

    [Fact]
    public void I51_who_has_mapped_a_disk_is_told_once_that_it_is_gone_and_who_has_unmapped_it_is_not()
    {
        using var machine = new TestMachine();
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, new PmemNamespace(machine.AddDevice(), true)).Disk;
        object[] keys = [.. Enumerable.Range(0, 5).Select(static _ => new object())];
        var told = new List<object>();
        foreach (object key in keys)
            disk.AddMapping(key, told.Add);
        disk.AddMapping(keys[3], told.Add); // Twice, and taken away at once.
        disk.RemoveMapping(keys[0]);
        disk.RemoveMapping(keys[3]);
        disk.RemoveMapping(new object());
        machine.Device.Unbind();
        Assert.Equal([keys[4], keys[2], keys[1]], told);
        disk.RemoveMapping(keys[4]);
        Assert.Throws<ObjectDisposedException>(() => disk.AddMapping(keys[0], told.Add));
        Assert.Equal(3, told.Count);
    }

    [Fact]
    public void A_read_only_medium_is_read_where_it_is_mapped_without_asking_for_room()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        machine.CheckAccess();
        string path = machine.NewFile(Bytes);
        using (FileStream file = File.OpenWrite(path))
            file.Write([1, 2, 3]);
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, new PmemNamespace(machine.Space.AddDevice(Range, "file", path, readOnly: true), mapPages: true)).Disk;
        using var memory = new AddressSpace(machine.Table);
        byte[] read = new byte[3];
        foreach (ulong length in (ulong[])[4096, 2 << 20])
        {
            Area area = memory.MapDax(disk, 0, length, AreaAccess.Read);
            memory.Read(area.Start, read);
            Assert.Equal([1, 2, 3], read);
            Assert.Throws<AccessFaultException>(() => memory.Write(area.Start, read));
        }
        Assert.Throws<UnauthorizedAccessException>(() => memory.MapDax(disk, 0, 4096, AreaAccess.ReadWrite));
    }
}
