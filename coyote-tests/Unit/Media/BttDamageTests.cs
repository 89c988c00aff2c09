using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Every contradiction of log and map is found at opening, told one by one by a check, and never repaired.</summary>
public sealed class BttDamageTests
{
    [Theory]
    [InlineData("map beyond", MediumFaultKind.MapEntry, InfoBlockFault.DamagedMap)]
    [InlineData("map shared", MediumFaultKind.SharedBlock, InfoBlockFault.DamagedMap)]
    [InlineData("map state", MediumFaultKind.MapEntry, InfoBlockFault.DamagedMap)]
    [InlineData("lane shared", MediumFaultKind.SharedBlock, InfoBlockFault.DamagedMap)]
    [InlineData("equal sequence", MediumFaultKind.LogSequence, InfoBlockFault.DamagedLog)]
    [InlineData("no sequence", MediumFaultKind.LogSequence, InfoBlockFault.DamagedLog)]
    [InlineData("sequence 4", MediumFaultKind.LogSequence, InfoBlockFault.DamagedLog)]
    [InlineData("two layouts", MediumFaultKind.LogSequence, InfoBlockFault.DamagedLog)]
    [InlineData("log sector", MediumFaultKind.LogEntry, InfoBlockFault.DamagedLog)]
    [InlineData("log block", MediumFaultKind.LogEntry, InfoBlockFault.DamagedLog)]
    public void I73_a_contradiction_is_found_and_the_medium_is_refused(string what, MediumFaultKind kind, InfoBlockFault fault)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Format(NamespaceMode.Btt);
        byte[] data = new byte[4096], read = new byte[4096];
        new Random(1).NextBytes(data);
        BlockDisk disk = PmemDriver.Bind(machine.Device, names).Disk;
        disk.Write(5 * 4096, data);
        machine.Device.Unbind();
        Assert.True(names.Check().IsSound);
        names.Use(medium => Break(medium, what));
        long[] before = Words(names);

        MediumReport report = names.Check();
        Assert.Contains(report.Faults, each => each.Kind == kind);
        Assert.Equal(report.FaultCount, report.Faults.Count);
        Assert.Equal(fault, Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, names)).Fault);
        // By name, what is left can be read, and nothing written.
        disk = PmemDriver.Bind(machine.Device, names.With(null, allowDamaged: true)).Disk;
        Worker.RunWaiting("one read of a sector", () => disk.Read(5 * 4096, read));
        Assert.Equal(data, read);
        Assert.Throws<IOException>(() => disk.Write(5 * 4096, data));
        if (what.StartsWith("map", StringComparison.Ordinal))
            Assert.Throws<IOException>(() => disk.Read(9 * 4096, read));
        machine.Device.Unbind();
        Assert.Equal(before, Words(names));
    }

    [Fact]
    public void A_sector_in_error_is_an_IOException_until_it_is_written_and_a_trimmed_one_reads_as_zeros()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Format(NamespaceMode.Btt, 512);
        byte[] data = new byte[512], read = new byte[512];
        data.AsSpan().Fill(7);
        var disk = (BttDisk)PmemDriver.Bind(machine.Device, names).Disk;
        disk.Write(1024, data);
        disk.Trim(1024, 512);
        disk.Read(1024, read);
        Assert.Equal(new byte[512], read);
        Assert.Throws<ArgumentException>(() => disk.Trim(1024, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.Trim(disk.Length, 512));
        machine.Device.Unbind();
        Assert.Throws<ObjectDisposedException>(() => disk.Trim(0, 512));
        names.Use(medium =>
        {
            medium.StoreEntry(MapAt(medium, 3), 3 | BttInfo.Failed);
            return true;
        });
        MediumReport report = names.Check();
        Assert.Equal((true, 1L, 1L), (report.IsSound, report.SectorsInError, report.ZeroedSectors));
        BlockDisk again = PmemDriver.Bind(machine.Device, names).Disk;
        Assert.Throws<IOException>(() => again.Read(3 * 512, read));
        again.Write(3 * 512, data);
        again.Read(3 * 512, read);
        Assert.Equal(data, read);
    }

    [Fact]
    public void An_arena_with_its_error_flag_set_can_be_read_and_not_written()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Format(NamespaceMode.Btt);
        byte[] data = new byte[4096], read = new byte[4096];
        data.AsSpan().Fill(7);
        PmemDriver.Bind(machine.Device, names).Disk.Write(0, data);
        machine.Device.Unbind();
        names.Use(medium =>
        {
            BttInfo info = BttCopies.ReadAt(medium, 4096)! with { Flags = 1 };
            byte[] block = new byte[4096];
            info.Write(block);
            medium.Write(4096, block);
            medium.Write(4096 + info.Copy, block);
            return true;
        });
        var disk = (BttDisk)PmemDriver.Bind(machine.Device, names).Disk;
        disk.Read(0, read);
        Assert.Equal(data, read);
        Assert.Throws<IOException>(() => disk.Write(0, data));
        Assert.Throws<IOException>(() => disk.Trim(0, 4096));
        machine.Device.Unbind();
        Assert.Equal(MediumFaultKind.ErrorFlag, Assert.Single(names.Check().Faults).Kind);
    }

    [Fact]
    public void A_damaged_copy_is_told_by_a_check_and_put_back_and_does_not_keep_a_medium_from_being_opened()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Format(NamespaceMode.Btt);
        names.Use(medium =>
        {
            medium.Write(4096 + BttCopies.ReadAt(medium, 4096)!.Copy + 100, "x"u8);
            return true;
        });
        Assert.Equal(MediumFaultKind.InfoCopy, Assert.Single(names.Check().Faults).Kind);
        PmemDriver.Bind(machine.Device, names);
        machine.Device.Unbind();
        Assert.Equal(1, names.Repair());
        Assert.True(names.Check().IsSound);
    }

    [Fact]
    public void A_log_in_the_layout_of_old_kernels_is_read_and_goes_on_in_it()
    {
        BttInfo info = SmallBtt.Info(4, 512, 3);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        byte[] data = new byte[512], read = new byte[512];
        data.AsSpan().Fill(7);
        for (uint i = 0; i < 4; i++)
            SmallBtt.Open(medium, info).Write(1, data);
        for (uint lane = 0; lane < 3; lane++)
        {
            Span<byte> log = medium.Bytes.AsSpan((int)(SmallBtt.Start + info.LogAt(lane)), 64);
            log.Slice(16, 16).CopyTo(log[32..]);
            log.Slice(16, 16).Clear();
        }
        Assert.Equal(data, new IndependentBtt(medium.Bytes, SmallBtt.Start).Read(1));
        for (byte i = 0; i < 7; i++)
        {
            data.AsSpan().Fill(i);
            BttArena arena = SmallBtt.Open(medium, info);
            arena.Write(2, data);
            arena.Read(2, read);
            Assert.Equal(data, read);
            Assert.Equal(data, new IndependentBtt(medium.Bytes, SmallBtt.Start).Read(2));
        }
        for (uint lane = 0; lane < 3; lane++)
            Assert.Equal(new byte[16], medium.Bytes.AsSpan((int)(SmallBtt.Start + info.LogAt(lane)) + 16, 16).ToArray());
    }

    private static bool Break(PmemMedium medium, string what)
    {
        BttInfo info = BttCopies.ReadAt(medium, 4096)!;
        long lane = 4096 + info.LogAt(100), map = MapAt(medium, 9);
        switch (what)
        {
            case "map beyond": medium.StoreEntry(map, BttInfo.Written | info.Blocks); break;
            case "map shared": medium.StoreEntry(map, BttInfo.Written | 10); break;
            case "map state": medium.StoreEntry(map, 10); break;
            case "lane shared": medium.StoreEntry(lane + 4, 11); medium.StoreEntry(lane + 8, 11); break;
            case "equal sequence": medium.StoreEntry(lane + 28, 1); break;
            case "no sequence": medium.StoreEntry(lane + 12, 0); break;
            case "sequence 4": medium.StoreEntry(lane + 12, 4); break;
            case "two layouts": medium.StoreEntry(lane + 32 + 12, 2); break;
            case "log sector": medium.StoreEntry(lane, info.Sectors); medium.StoreEntry(lane + 8, 12); break;
            case "log block": medium.StoreEntry(lane + 8, info.Blocks); break;
        }
        return true;
    }

    private static long MapAt(PmemMedium medium, uint sector) => 4096 + BttCopies.ReadAt(medium, 4096)!.MapEntryAt(sector);

    private static long[] Words(PmemNamespace names) => names.Use(medium =>
    {
        BttInfo info = BttCopies.ReadAt(medium, 4096)!;
        byte[] bytes = new byte[info.End - info.Map];
        medium.Read(4096 + info.Map, bytes);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(bytes).ToArray();
    });
}
