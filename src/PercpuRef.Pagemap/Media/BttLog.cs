using System.Buffers.Binary;

namespace Percpu.Pagemap;

/// <summary>Reads the log of an arena: a pair of entries for each lane, of which the one whose number follows the other's is
/// the newer.</summary>
/// <remarks>Kernel: <c>btt_log_read</c>, <c>log_set_indices</c>.</remarks>
internal static class BttLog
{
    internal const int EntrySize = 16;

    /// <summary>Where the second entry of a pair stands: now, and as kernels before 4.15 had it.</summary>
    internal const int Spacing = 16, OldSpacing = 32;

    private const int SectorAt = 0, OldAt = 4, NewAt = 8, SequenceAt = 12, Entries = BttInfo.LogEntrySize / EntrySize;

    /// <summary>Reads all lanes, and reports each whose pair contradicts itself, the layout, or the map.</summary>
    /// <param name="medium">The namespace.</param>
    /// <param name="start">Where the arena begins.</param>
    /// <param name="info">Its info block, which was checked.</param>
    /// <param name="report">Takes the faults.</param>
    /// <param name="spacing">Where second entries stand.</param>
    internal static BttLane[] Read(IByteMedium medium, long start, BttInfo info, MediumReport report, out int spacing)
    {
        var lanes = new BttLane[info.Free]; // At most 256.
        Span<byte> log = stackalloc byte[BttInfo.Lanes * BttInfo.LogEntrySize];
        log = log[..(lanes.Length * BttInfo.LogEntrySize)];
        medium.Read(start + info.Log, log); // All of it at once: a read may be a call of the operating system.
        spacing = FindSpacing(log, start, info, report);
        for (uint i = 0; i < lanes.Length; i++)
        {
            long at = start + info.LogAt(i);
            lanes[i] = ReadLane(medium, start, info, i, log.Slice((int)i * BttInfo.LogEntrySize, BttInfo.LogEntrySize), spacing, report);
            for (uint j = 0; lanes[i].IsInterrupted && j < i; j++)
            {
                if (lanes[j].IsInterrupted && lanes[j].Sector == lanes[i].Sector)
                    report.Add(MediumFaultKind.LogEntry, at, $"Lanes {j} and {i} both have an interrupted write of sector {lanes[i].Sector}.");
            }
        }
        return lanes;
    }

    private static BttLane ReadLane(IByteMedium medium, long start, BttInfo info, uint lane, ReadOnlySpan<byte> log, int spacing, MediumReport report)
    {
        long at = start + info.LogAt(lane);
        uint first = Number(log, SequenceAt), second = Number(log, spacing + SequenceAt);
        int slot = second != 0 && (first == 0 || second == BttLane.Next(first)) ? 1 : 0;
        if (first == second || first > 3 || second > 3)
        {
            report.Add(MediumFaultKind.LogSequence, at, $"Lane {lane} has the sequence numbers {first} and {second}: neither follows the other.");
            return default;
        }
        int newer = slot * spacing;
        uint sector = Number(log, newer + SectorAt);
        uint old = Number(log, newer + OldAt) & BttInfo.NumberMask, @new = Number(log, newer + NewAt) & BttInfo.NumberMask;
        // A lane that was never used names no sector: its number is the lane's.
        if ((sector >= info.Sectors && old != @new) || old >= info.Blocks || @new >= info.Blocks)
        {
            report.Add(MediumFaultKind.LogEntry, at + newer, $"Lane {lane} moved sector {sector} of {info.Sectors} from block {old} to {@new} of {info.Blocks}.");
            return default;
        }
        bool isInterrupted = old != @new && BttInfo.BlockOf(medium.LoadEntry(start + info.MapEntryAt(sector)), sector) == old;
        report.InterruptedWrites += isInterrupted ? 1 : 0;
        return new BttLane(old, slot, Number(log, newer + SequenceAt), sector, @new, isInterrupted);
    }

    /// <summary>The layout is that of whichever lane has been written; a log that was never written has the layout of today.</summary>
    private static int FindSpacing(ReadOnlySpan<byte> log, long start, BttInfo info, MediumReport report)
    {
        int spacing = 0;
        for (uint lane = 0; lane < info.Free; lane++)
        {
            long at = start + info.LogAt(lane);
            for (int entry = 1; entry < Entries; entry++)
            {
                if (Number(log, ((int)lane * BttInfo.LogEntrySize) + (entry * EntrySize) + SequenceAt) == 0)
                    continue;
                if (entry * EntrySize > OldSpacing || (spacing != 0 && spacing != entry * EntrySize))
                    report.Add(MediumFaultKind.LogSequence, at + entry * EntrySize, $"Lane {lane} has a log entry at byte {entry * EntrySize} of its 64, others have theirs elsewhere.");
                else
                    spacing = entry * EntrySize;
            }
        }
        return spacing == 0 ? Spacing : spacing;
    }

    private static uint Number(ReadOnlySpan<byte> log, int at) => BinaryPrimitives.ReadUInt32LittleEndian(log[at..]);
}
