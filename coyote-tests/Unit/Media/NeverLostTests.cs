using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>A medium with a known signature is never taken for raw by guessing, and never formatted over.</summary>
public sealed class NeverLostTests
{
    private const long Length = 32 << 20;

    public static TheoryData<string> Media() => ["btt", "damaged btt", "btt without signature", "only the copy", "other parent", "version 1.2", "2.0 at 4096", "at 0", "pfn", "damaged pfn",
        "dax", "pfn of another parent", "pool", "damaged pool", "obj pool", "legacy", "damaged legacy", "labels"];

    [Theory]
    [MemberData(nameof(Media))]
    public void I72_a_medium_with_a_signature_is_opened_as_what_it_is_or_refused(string what)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium => Make(medium, what));
        byte[] before = Contents(names);
        PmemDevice? opened = null;
        try
        {
            opened = PmemDriver.Bind(machine.Device, names);
        }
        catch (InfoBlockException refused)
        {
            Assert.NotEqual(InfoBlockFault.Unknown, refused.Fault);
            Assert.Equal(refused.Fault, names.Inspect().Problem!.Fault);
        }
        Assert.NotEqual(NamespaceMode.Raw, opened?.Mode);
        Assert.Equal(what is "btt" or "pfn" or "dax" or "pool" or "legacy", opened is not null);
        if (opened is not null)
            machine.Device.Unbind();
        foreach (NamespaceMode mode in (NamespaceMode[])[NamespaceMode.Btt, NamespaceMode.Pfn, NamespaceMode.Dax])
            Assert.True(Record.Exception(() => names.Format(mode)) is InfoBlockException or InvalidOperationException);
        Assert.Equal(before, Contents(names));
        // By name it is raw.
        Assert.Equal(NamespaceMode.Raw, PmemDriver.Bind(machine.Device, names.With(NamespaceMode.Raw)).Mode);
    }

    [Theory]
    [InlineData("damaged btt")]
    [InlineData("btt without signature")]
    [InlineData("only the copy")]
    [InlineData("damaged pool")]
    public void I72_a_damaged_block_is_put_back_from_its_copy_which_the_exception_names(string what)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium => Make(medium, what.Replace("damaged ", "", StringComparison.Ordinal) is "pool" ? "pool" : "btt"));
        byte[] data = new byte[4096], read = new byte[4096];
        new Random(1).NextBytes(data);
        PmemDriver.Bind(machine.Device, names).Disk.Write(8192, data);
        machine.Device.Unbind();
        byte[] whole = Contents(names);
        names.Use(medium => Damage(medium, what));
        InfoBlockException refused = Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, names));
        Assert.Contains("copy of it is at", refused.Message, StringComparison.Ordinal);
        AssertCheck(names, lost: null);
        Assert.Equal(1, names.Repair());
        Assert.Equal(0, names.Repair());
        Assert.Equal(whole, Contents(names));
        PmemDriver.Bind(machine.Device, names).Disk.Read(8192, read);
        Assert.Equal(data, read);
    }

    [Theory]
    [InlineData("damaged btt")]
    [InlineData("only the copy")]
    public void I73_behind_a_damaged_info_block_log_and_map_are_checked_by_its_copy(string what)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium => Make(medium, what));
        AssertCheck(names, lost: null);
        long lost = names.Use(medium =>
        {
            Assert.True(BttCopies.Find(medium, 4096, out BttInfo? info) >= 0);
            long entry = 4096 + info!.MapEntryAt(3);
            medium.Prepare(entry, 4);
            medium.StoreEntry(entry, BttInfo.Written | BttInfo.NumberMask);
            return entry;
        });
        AssertCheck(names, lost);
    }

    // The block is told first, then what its copy leads to.
    private static void AssertCheck(PmemNamespace names, long? lost)
    {
        MediumReport report = names.Check();
        Assert.Equal(new MediumFault(MediumFaultKind.InfoBlock, 0, names.Inspect().Problem!.Message), report.Faults[0]);
        Assert.True(report.Sectors > 0 && report.UnwrittenSectors >= report.Sectors - 1);
        Assert.Equal(lost is { } at ? [(MediumFaultKind.MapEntry, at)] : [], report.Faults.Where(each => each.Kind is MediumFaultKind.MapEntry).Select(each => (each.Kind, each.Offset)));
        Assert.Equal(lost is null ? 0 : 1, report.Faults.Count(each => each.Kind is MediumFaultKind.LostBlock));
    }

    [Fact]
    public void I72_a_repair_does_not_make_a_btt_of_data_that_came_since()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium => Make(medium, "only the copy"));
        BttInfo info = BttInfo.Create(Length - 4096, 4096, 64, Guid.Empty, Guid.Empty);
        names.Use(medium =>
        {
            byte[] junk = new byte[64];
            junk.AsSpan().Fill(0xDB);
            BttInfo real = BttCopies.Find(medium, 4096, out BttInfo? copy) >= 0 ? copy! : info;
            medium.Write(4096 + real.Map, junk);
            return true;
        });
        byte[] before = Contents(names);
        Assert.Equal(InfoBlockFault.DamagedMap, Assert.Throws<InfoBlockException>(() => names.Repair()).Fault);
        Assert.Equal(before, Contents(names));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(8192, 1)]
    public void I72_the_copy_of_a_block_that_stood_where_it_does_not_count_is_told_and_cannot_be_put_back(long place, ushort major)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium =>
        {
            BttInfo info = BttInfo.Create(medium.Length - place, 4096, 64, Guid.NewGuid(), Guid.Empty) with { Major = major, Minor = (ushort)(2 - major) };
            BttFormat.Write(medium, place, [info], asPool: false);
            BttFormat.Clear(medium, 0, place + 4096);
            return true;
        });
        byte[] before = Contents(names);
        foreach (Action action in (Action[])[() => PmemDriver.Bind(machine.Device, names), () => names.Format(NamespaceMode.Btt), () => names.Repair()])
        {
            InfoBlockException refused = Assert.Throws<InfoBlockException>(action);
            Assert.Equal((InfoBlockFault.WrongPlace, $"A copy of a btt info block that stood at {place} is at {names.Length - 4096}; it does not count there in a namespace with no label."), (refused.Fault, refused.Message));
        }
        Assert.Equal(before, Contents(names));
    }

    [Fact]
    public void I72_data_of_nobody_known_are_raw_and_are_not_formatted_over()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Use(medium =>
        {
            medium.Write(1024, "somebody's file system"u8);
            return true;
        });
        Assert.Equal(InfoBlockFault.Foreign, Assert.Throws<InfoBlockException>(() => names.Format(NamespaceMode.Btt)).Fault);
        Assert.Equal(NamespaceMode.Raw, PmemDriver.Bind(machine.Device, names).Mode);
    }

    internal static bool Make(PmemMedium medium, string what)
    {
        var guid = Guid.NewGuid();
        switch (what)
        {
            case "pfn" or "dax" or "damaged pfn" or "pfn of another parent":
                NamespaceMode mode = what == "dax" ? NamespaceMode.Dax : NamespaceMode.Pfn;
                byte[] block = new byte[4096];
                PfnInfo.Create(mode, medium.Length, FrameLocation.Memory, what.EndsWith("parent", StringComparison.Ordinal) ? guid : Guid.Empty).Write(block);
                medium.Write(4096, block);
                break;
            case "pool" or "damaged pool" or "obj pool":
                medium.Write(0, what == "obj pool" ? "PMEMOBJ\0"u8 : "PMEMBLK\0"u8);
                medium.Write(24, guid.ToByteArray(bigEndian: true));
                medium.Write(4096, BitConverter.GetBytes(4096));
                BttFormat.Write(medium, 8192, BttFormat.Plan(medium, 8192, 4096, 256, Guid.NewGuid(), guid), asPool: true);
                break;
            case "legacy" or "damaged legacy":
                LegacyMedium.Write(medium, new LegacyInfoBlock(NamespaceMode.Btt, 8192, medium.Length, 4096));
                break;
            case "labels":
                LabelIndex.Create(128 << 10, 1, 1).Write(new MediumWindow(medium, medium.Length - (128 << 10), 128 << 10), 0);
                break;
            default:
                long start = what == "at 0" ? 0 : 4096;
                List<BttInfo> infos = BttFormat.Plan(medium, start, 4096, 64, Guid.NewGuid(), what == "other parent" ? guid : Guid.Empty);
                if (what is "version 1.2" or "2.0 at 4096")
                    infos[0] = infos[0] with { Major = (ushort)(what == "version 1.2" ? 1 : 2), Minor = (ushort)(what == "version 1.2" ? 2 : 0) };
                BttFormat.Write(medium, start, infos, asPool: false);
                break;
        }
        return Damage(medium, what);
    }

    private static bool Damage(PmemMedium medium, string what)
    {
        switch (what)
        {
            case "only the copy":
                medium.Write(4096, new byte[4096]);
                break;
            case "btt without signature":
                medium.Write(4096, new byte[16]);
                break;
            case "damaged pool":
                medium.Write(8192 + 2000, "x"u8);
                break;
            case var damaged when damaged.StartsWith("damaged", StringComparison.Ordinal):
                medium.Write(4096 + 2000, "x"u8);
                break;
        }
        return true;
    }

    // The parts that hold structure.
    private static byte[] Contents(PmemNamespace names) => names.Use(medium =>
    {
        byte[] bytes = new byte[(64 << 10) + (1 << 20)];
        medium.Read(0, bytes.AsSpan(0, 64 << 10));
        medium.Read(medium.Length - (1 << 20), bytes.AsSpan(64 << 10));
        return bytes;
    });
}
