using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>A sparse file on a disk that runs full: a store through the mapping would end the process with SIGBUS.</summary>
public sealed class DiskFullTests
{
    private const int Mebibyte = 1 << 20;
    private static readonly PfnRange Range = TestMachine.Pmem;
    private static readonly long Bytes = (long)Range.Length << Pfn.PageShift;

    [Fact]
    public void A_disk_that_runs_full_in_the_middle_of_a_write_is_told_and_what_was_written_before_stays()
    {
        using SmallDisk small = SmallDisk.Create(6);
        using var machine = new TestMachine();
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, new PmemNamespace(machine.Space.AddDevice(Range, "file", small.NewFile("medium", Bytes)))).Disk;
        byte[] data = new byte[4 * Mebibyte], read = new byte[4 * Mebibyte];
        new Random(5).NextBytes(data);
        disk.Write(0, data);
        byte[] larger = new byte[6 * Mebibyte]; // Room for the first third of it.
        larger.AsSpan().Fill(1);
        Assert.Throws<DiskFullException>(() => disk.Write(4 * Mebibyte, larger));
        Assert.Throws<DiskFullException>(() => disk.Prepare(64 * Mebibyte, 4096));
        disk.Flush();
        disk.Read(0, read);
        Assert.Equal(data, read);
        disk.Write(Mebibyte, data.AsSpan(0, Mebibyte)); // Where there is room, it goes on.
        disk.Read(Mebibyte, read.AsSpan(0, Mebibyte));
        Assert.True(read.AsSpan(0, Mebibyte).SequenceEqual(data.AsSpan(0, Mebibyte)));
        machine.Device.Unbind();
    }

    [Fact]
    public void A_btt_write_that_meets_a_full_disk_leaves_every_sector_old_or_new()
    {
        using SmallDisk small = SmallDisk.Create(5);
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(Range, "file", small.NewFile("medium", Bytes)));
        names.Format(NamespaceMode.Btt);
        BlockDisk disk = PmemDriver.Bind(machine.Device, names).Disk;
        byte[] data = new byte[4 * Mebibyte], sector = new byte[4096];
        data.AsSpan().Fill(7);
        Assert.Throws<DiskFullException>(() => disk.Write(0, data));
        machine.Device.Unbind();
        disk = PmemDriver.Bind(machine.Device, names).Disk;
        int written = 0;
        Worker.RunWaiting("reads of all sectors", () =>
        {
            for (int i = 0; i < data.Length; i += 4096)
            {
                disk.Read(i, sector);
                Assert.True(sector.AsSpan().IndexOfAnyExcept(sector[0]) < 0 && sector[0] is 0 or 7, "A torn sector.");
                Assert.True(sector[0] == 0 || i == written * 4096, "A hole in what was written.");
                written += sector[0] == 7 ? 1 : 0;
            }
        });
        Assert.InRange(written, 1, data.Length / 4096 - 1);
    }

    [Fact]
    public void Page_frames_that_meet_a_full_disk_are_an_error_and_not_a_crash()
    {
        using SmallDisk small = SmallDisk.Create(3);
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(Range, "file", small.NewFile("medium", Bytes)));
        names.Format(NamespaceMode.Pfn); // Its first 2 MiB are on the disk now; a section's frames need 2 MiB more.
        DevPagemap map = PmemDriver.Bind(machine.Device, names).Mapping.Pagemap!;
        Assert.Throws<DiskFullException>(() => machine.Space.PfnToPage(map.FirstPfn));
        machine.Device.Unbind();
    }

    [Fact]
    public void Where_the_file_system_cannot_be_asked_for_room_a_disk_works_all_the_same()
    {
        using SmallDisk small = SmallDisk.CreateSimple();
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(Range, "file", small.NewFile("medium", Bytes)));
        names.Format(NamespaceMode.Btt);
        BlockDisk disk = PmemDriver.Bind(machine.Device, names).Disk;
        byte[] data = new byte[8192], read = new byte[8192];
        new Random(5).NextBytes(data);
        disk.Write(4096, data);
        disk.Read(4096, read);
        Assert.Equal(data, read);
        machine.Device.Unbind();
        var raw = (PmemDisk)PmemDriver.Bind(machine.Device, names.With(NamespaceMode.Raw)).Disk;
        raw.Prepare(64 * Mebibyte, 4096);
        raw.Write(64 * Mebibyte, data);
        machine.Device.Unbind();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_a_pin_that_meets_a_full_disk_under_the_page_frames_is_an_error_and_holds_nothing(bool fast)
    {
        using SmallDisk small = SmallDisk.Create(3);
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(Range, "file", small.NewFile("medium", Bytes)));
        names.Format(NamespaceMode.Pfn);
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, names).Disk;
        using var memory = new AddressSpace(machine.Table);
        Area area = memory.MapDax(disk, 0, 1 << 21);
        memory.GetUserPages(area.Start, new Page[1], GupFlags.None); // Present, and no frame was asked for.
        for (int i = 0; i < 2; i++)
        {
            Assert.Throws<DiskFullException>(() => _ = fast ? memory.GetUserPagesFast(area.Start, new Page[4]) : memory.GetUserPages(area.Start, new Page[4]));
            Assert.Throws<DiskFullException>(() => memory.PinUserPages(area.Start, new Page[4]).Dispose());
        }
        disk.Queue.MarkDying();
        Assert.True(disk.Queue.Usage.WaitForRelease(TimeSpan.FromSeconds(30)), "A pin was lost.");
        machine.Device.Unbind();
    }
}
