using System.Buffers.Binary;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>What a check says of a contradiction: its kind, where on the medium it is, and its text; and what a check counts.</summary>
public sealed class BttReportTests
{
    private const uint Sectors = 8, Lanes = 3;

    [Theory]
    [InlineData("map beyond")]
    [InlineData("map shared, later unwritten")]
    [InlineData("map shared, later written")]
    [InlineData("map state")]
    [InlineData("lane shared")]
    [InlineData("equal sequences")]
    [InlineData("sequence 4")]
    [InlineData("log sector")]
    [InlineData("log block")]
    [InlineData("log byte 48")]
    [InlineData("log byte 32")]
    [InlineData("two writes of a sector")]
    [InlineData("two writes of a sector by later lanes")]
    [InlineData("copy damaged, and a lane")]
    [InlineData("copy damaged")]
    [InlineData("copy of another")]
    [InlineData("error flag")]
    public void I73_a_report_says_what_is_wrong_and_where_on_the_medium_it_stands(string what)
    {
        BttInfo info = SmallBtt.Info(Sectors, 512, Lanes);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        Assert.True(Check(medium, info).IsSound);
        long map = SmallBtt.Start + info.Map, log = SmallBtt.Start + info.Log, copy = SmallBtt.Start + info.Copy;
        long Block(uint block) => SmallBtt.Start + 4096 + (block * 512);
        MediumFault Lost(uint block) => new(MediumFaultKind.LostBlock, Block(block), $"Block {block} belongs to no sector and no lane.");
        MediumFault[] expected;
        switch (what)
        {
            case "map beyond":
                medium.StoreEntry(map + 12, BttInfo.Written | 99);
                expected = [new(MediumFaultKind.MapEntry, map + 12, "Sector 3 has block 99 of 11."), Lost(3)];
                break;
            case "map shared, later unwritten":
                medium.StoreEntry(map + 8, BttInfo.Written | 5);
                expected = [new(MediumFaultKind.SharedBlock, map + 20, "Block 5 belongs to sector 5 and to somebody else as well."), Lost(2)];
                break;
            case "map shared, later written":
                medium.StoreEntry(map + 20, BttInfo.Written | 2);
                expected = [new(MediumFaultKind.SharedBlock, map + 20, "Block 2 belongs to sector 5 and to somebody else as well."), Lost(5)];
                break;
            case "map state":
                medium.StoreEntry(map + 12, 10);
                expected = [new(MediumFaultKind.MapEntry, map + 12, "Sector 3 was never written, and has the entry 0x0000000a.")];
                break;
            case "lane shared":
                SetLog(medium, log + 64, 1, 5, 5, 1);
                expected = [new(MediumFaultKind.SharedBlock, log + 64, "Block 5 belongs to lane 1 and to somebody else as well."), Lost(9)];
                break;
            case "equal sequences":
                SetLog(medium, log + 64, 1, 9, 9, 2);
                SetLog(medium, log + 80, 1, 9, 9, 2);
                expected = [new(MediumFaultKind.LogSequence, log + 64, "Lane 1 has the sequence numbers 2 and 2: neither follows the other."), Lost(9)];
                break;
            case "sequence 4":
                SetLog(medium, log + 128, 2, 10, 10, 4);
                expected = [new(MediumFaultKind.LogSequence, log + 128, "Lane 2 has the sequence numbers 4 and 0: neither follows the other."), Lost(10)];
                break;
            case "log sector": // The second entry of the pair is the newer one.
                SetLog(medium, log + 80, 99, 9, 4, 2);
                expected = [new(MediumFaultKind.LogEntry, log + 80, "Lane 1 moved sector 99 of 8 from block 9 to 4 of 11."), Lost(9)];
                break;
            case "log block":
                SetLog(medium, log + 64, 3, 9, 11, 1);
                expected = [new(MediumFaultKind.LogEntry, log + 64, "Lane 1 moved sector 3 of 8 from block 9 to 11 of 11."), Lost(9)];
                break;
            case "log byte 48":
                SetLog(medium, log + 128 + 48, 2, 10, 10, 2);
                expected = [new(MediumFaultKind.LogSequence, log + 128 + 48, "Lane 2 has a log entry at byte 48 of its 64, others have theirs elsewhere.")];
                break;
            case "log byte 32":
                SetLog(medium, log + 16, 0, 8, 8, 2);
                SetLog(medium, log + 64 + 32, 1, 9, 9, 2);
                expected = [new(MediumFaultKind.LogSequence, log + 64 + 32, "Lane 1 has a log entry at byte 32 of its 64, others have theirs elsewhere.")];
                break;
            case "two writes of a sector":
                SetLog(medium, log + 16, 2, 2, 8, 2);
                SetLog(medium, log + 128 + 16, 2, 2, 10, 2);
                expected = [new(MediumFaultKind.LogEntry, log + 128, "Lanes 0 and 2 both have an interrupted write of sector 2.")];
                break;
            case "two writes of a sector by later lanes":
                SetLog(medium, log + 64 + 16, 2, 2, 9, 2);
                SetLog(medium, log + 128 + 16, 2, 2, 10, 2);
                expected = [new(MediumFaultKind.LogEntry, log + 128, "Lanes 1 and 2 both have an interrupted write of sector 2.")];
                break;
            case "copy damaged, and a lane": // As it is checked: the copy, the log, the map, what is left.
                medium.Write(copy + 100, "x"u8);
                SetLog(medium, log + 128, 2, 10, 10, 4);
                expected =
                [
                    new(MediumFaultKind.InfoCopy, copy, $"The copy of the info block at {copy} is damaged."),
                    new(MediumFaultKind.LogSequence, log + 128, "Lane 2 has the sequence numbers 4 and 0: neither follows the other."),
                    Lost(10),
                ];
                break;
            case "copy damaged":
                medium.Write(copy + 100, "x"u8);
                expected = [new(MediumFaultKind.InfoCopy, copy, $"The copy of the info block at {copy} is damaged.")];
                break;
            case "copy of another":
                byte[] other = new byte[4096];
                (info with { Uuid = Guid.NewGuid() }).Write(other);
                medium.Write(copy, other);
                expected = [new(MediumFaultKind.InfoCopy, copy, $"The block at {copy} is no copy of the info block at {SmallBtt.Start}.")];
                break;
            default:
                info = info with { Flags = 1 };
                SmallBtt.Format(medium, info);
                expected = [new(MediumFaultKind.ErrorFlag, SmallBtt.Start, $"The arena at {SmallBtt.Start} has its error flag set: it can be read, not written.")];
                break;
        }
        MediumReport report = Check(medium, info);
        Assert.Equal(expected, report.Faults);
        Assert.Equal(expected.Length, report.FaultCount);
        Assert.False(report.IsSound);
    }

    [Fact]
    public void An_entry_of_the_log_without_a_sequence_number_is_none_whatever_else_it_holds()
    {
        BttInfo info = SmallBtt.Info(Sectors, 512, Lanes);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        for (int at = 16; at < 64; at += 16)
            SetLog(medium, SmallBtt.Start + info.Log + 64 + at, uint.MaxValue, uint.MaxValue, uint.MaxValue, 0);
        Assert.True(Check(medium, info).IsSound);
    }

    [Fact]
    public void A_check_counts_sectors_by_their_state_and_the_interrupted_writes()
    {
        BttInfo info = SmallBtt.Info(Sectors, 512, Lanes);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        Assert.Equal((Sectors, 0L, 0L, 0), Counts());
        long map = SmallBtt.Start + info.Map, log = SmallBtt.Start + info.Log;
        medium.StoreEntry(map, 0 | BttInfo.Zeroed);
        medium.StoreEntry(map + 4, 1 | BttInfo.Failed);
        medium.StoreEntry(map + 8, 2 | BttInfo.Failed);
        medium.StoreEntry(map + 12, 3 | BttInfo.Written);
        Assert.Equal((Sectors - 4L, 1L, 2L, 0), Counts());
        SetLog(medium, log + 16, 4, 4, 8, 2);
        Assert.Equal(1, Counts().Interrupted);
        SetLog(medium, log + 64 + 16, 5, 5, 9, 2);
        Assert.Equal(2, Counts().Interrupted);
        medium.StoreEntry(map + 16, 8 | BttInfo.Written); // Finished: the map has the new block.
        SetLog(medium, log + 16, 4, 4, 8, 2);
        Assert.Equal(1, Counts().Interrupted);

        (long Unwritten, long Zeroed, long InError, int Interrupted) Counts()
        {
            MediumReport report = Check(medium, info);
            return (report.UnwrittenSectors, report.ZeroedSectors, report.SectorsInError, report.InterruptedWrites);
        }
    }

    [Fact]
    public void I73_a_sector_never_written_whose_block_another_has_is_told_also_far_behind_the_other()
    {
        BttInfo info = SmallBtt.Info(5000, 512, Lanes);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        long map = SmallBtt.Start + info.Map;
        medium.StoreEntry(map + 4, BttInfo.Written | 4500); // 4,096 entries are looked at together; the others are zeros.
        MediumReport report = Check(medium, info);
        Assert.Equal(
            [
                new(MediumFaultKind.SharedBlock, map + (4 * 4500), "Block 4500 belongs to sector 4500 and to somebody else as well."),
                new(MediumFaultKind.LostBlock, SmallBtt.Start + 4096 + 512, "Block 1 belongs to no sector and no lane."),
            ],
            report.Faults);
        Assert.Equal(4999, report.UnwrittenSectors);
    }

    [Fact]
    public void I73_a_lost_block_is_told_wherever_it_is_among_others_that_are_not()
    {
        BttInfo info = SmallBtt.Info(300, 512, Lanes);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        for (uint block = 0; block < 300; block++)
        {
            long entry = SmallBtt.Start + info.MapEntryAt(block);
            medium.StoreEntry(entry, BttInfo.Written | ((block + 1) % 300)); // Its sector has the block of the next.
            MediumReport report = Check(medium, info);
            Assert.Equal(2, report.FaultCount);
            Assert.Equal((MediumFaultKind.LostBlock, SmallBtt.Start + 4096 + (512 * block)), (report.Faults[1].Kind, report.Faults[1].Offset));
            medium.StoreEntry(entry, 0);
        }
    }

    [Fact]
    public void I73_blocks_that_are_counted_in_a_second_pass_are_told_by_their_own_numbers_and_places()
    {
        const uint pass = 1 << 25, far = pass + 10;
        BttInfo info = SmallBtt.Info(pass + 1000, 512, Lanes);
        var medium = new SparseMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        long map = SmallBtt.Start + info.Map, log = SmallBtt.Start + info.Log;
        medium.StoreEntry(map + (4L * far), BttInfo.Written | 5);
        SetLog(medium, log + 64, 1, far + 1, far + 1, 1);
        MediumReport report = Check(medium, info);
        Assert.Equal(
            [
                new(MediumFaultKind.SharedBlock, map + (4L * far), $"Block 5 belongs to sector {far} and to somebody else as well."),
                new(MediumFaultKind.SharedBlock, log + 64, $"Block {far + 1} belongs to lane 1 and to somebody else as well."),
                new(MediumFaultKind.LostBlock, SmallBtt.Start + 4096 + (512L * far), $"Block {far} belongs to no sector and no lane."),
                new(MediumFaultKind.LostBlock, SmallBtt.Start + 4096 + (512L * (pass + 1001)), $"Block {pass + 1001} belongs to no sector and no lane."),
            ],
            report.Faults);
        Assert.Equal(info.Sectors - 1, report.UnwrittenSectors);
    }

    private static MediumReport Check(IByteMedium medium, BttInfo info)
    {
        var report = new MediumReport();
        new BttCheck(medium, SmallBtt.Start, info, report).Run(null);
        return report;
    }

    private static void SetLog(IByteMedium medium, long at, uint sector, uint old, uint @new, uint sequence)
    {
        byte[] entry = new byte[16];
        uint[] fields = [sector, old, @new, sequence];
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(4 * i), fields[i]);
        medium.Write(at, entry);
    }
}
