using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percpu.Pagemap;

/// <summary>Checks the structure of one arena: the copy of its info block, its log, and that its map and its lanes together
/// have each block exactly once. Writes nothing.</summary>
/// <remarks><c>ndctl check-namespace</c>, <c>pmemblk_check</c>.</remarks>
internal sealed class BttCheck
{
    // Blocks that are counted in one pass over the map: memory stays the same however large the medium is.
    private const uint Window = 1 << 25;

    // Entries that are looked at together: as many as a vector has.
    private const int Group = 8;

    private readonly IByteMedium _medium;
    private readonly long _start;
    private readonly BttInfo _info;
    private readonly MediumReport _report;
    private readonly ulong[] _seen;
    private uint _first, _count;

    internal BttCheck(IByteMedium medium, long start, BttInfo info, MediumReport report)
    {
        _medium = medium;
        _start = start;
        _info = info;
        _report = report;
        _seen = new ulong[(Math.Min(info.Blocks, Window) + 63) / 64];
    }

    internal BttLane[] Lanes { get; private set; } = [];

    /// <summary>Where second log entries stand.</summary>
    internal int Spacing { get; private set; }

    /// <summary>The blocks that were found twice, a bit each; null if there are none.</summary>
    internal ulong[]? Shared { get; private set; }

    /// <param name="progress">Told how many entries of the map were looked at, a part at a time.</param>
    internal void Run(Action<long>? progress)
    {
        if (_info.IsError)
            _report.Add(MediumFaultKind.ErrorFlag, _start, $"The arena at {_start} has its error flag set: it can be read, not written.");
        CheckCopy();
        Lanes = BttLog.Read(_medium, _start, _info, _report, out int spacing);
        Spacing = spacing;
        for (uint first = 0; first < _info.Blocks; first += _count)
        {
            _first = first;
            _count = Math.Min(Window, _info.Blocks - first);
            Array.Clear(_seen);
            ScanMap(progress);
            for (uint lane = 0; lane < Lanes.Length; lane++)
            {
                if (Lanes[lane].Sequence != 0 && Lanes[lane].Held - _first < _count && !TryTake(Lanes[lane].Held))
                    ReportShared(Lanes[lane].Held, _info.LogAt(lane), $"lane {lane}");
            }
            FindLost();
        }
    }

    private void CheckCopy()
    {
        BttInfo? copy = BttCopies.ReadAt(_medium, _start + _info.Copy);
        if (copy is null)
            _report.Add(MediumFaultKind.InfoCopy, _start + _info.Copy, $"The copy of the info block at {_start + _info.Copy} is damaged.");
        else if (copy != _info)
            _report.Add(MediumFaultKind.InfoCopy, _start + _info.Copy, $"The block at {_start + _info.Copy} is no copy of the info block at {_start}.");
    }

    private void ScanMap(Action<long>? progress)
    {
        Span<byte> chunk = stackalloc byte[16384];
        uint perChunk = (uint)chunk.Length / sizeof(uint);
        for (uint first = 0; first < _info.Sectors; first += perChunk)
        {
            uint count = Math.Min(perChunk, _info.Sectors - first);
            Span<byte> part = chunk[..(int)(count * sizeof(uint))];
            _medium.Read(_start + _info.MapEntryAt(first), part);
            if (part.IndexOfAnyExcept((byte)0) < 0)
                TakeRun(first, count);
            else
                ScanChunk(MemoryMarshal.Cast<byte, uint>(part), first);
            progress?.Invoke(count);
        }
    }

    private void ScanChunk(ReadOnlySpan<uint> entries, uint first)
    {
        for (int i = 0; i < entries.Length;)
        {
            if (entries.Length - i >= Group && TryTakeGroup(entries.Slice(i, Group)))
            {
                i += Group;
                continue;
            }
            // Up to where groups begin anew in a word of bits; or a long way, as one that is out of order is seldom alone.
            int each = Math.Min(entries.Length - i, (entries[i] & (Group - 1)) != 0 ? Group - (int)(entries[i] & (Group - 1)) : 4 * Group);
            ScanEach(entries.Slice(i, each), first + (uint)i);
            i += each;
        }
    }

    /// <summary>Takes the blocks of sectors that were written in order, which is most of a medium in use: eight at a time.</summary>
    private bool TryTakeGroup(ReadOnlySpan<uint> entries)
    {
        uint entry = entries[0], at = (entry & BttInfo.NumberMask) - _first;
        if (entry < BttInfo.Written || at >= _count || _count - at < Group || (at & 63) > 64 - Group
            || Vector256.Create(entries) != Vector256.Create(entry) + Vector256<uint>.Indices)
            return false;
        ref ulong word = ref _seen[at >> 6];
        ulong bits = ((1UL << Group) - 1) << (int)at;
        if ((word & bits) != 0)
            return false;
        word |= bits;
        return true;
    }

    private void ScanEach(ReadOnlySpan<uint> entries, uint first)
    {
        ulong[] seen = _seen;
        uint window = _first, count = _count;
        for (int i = 0; i < entries.Length; i++)
        {
            uint entry = entries[i], at = (entry & BttInfo.NumberMask) - window;
            if (entry < BttInfo.Written || at >= count)
            {
                Examine(entry, first + (uint)i);
                continue;
            }
            ulong bit = 1UL << (int)at;
            ref ulong word = ref seen[at >> 6];
            if ((word & bit) != 0)
                ReportShared(window + at, _info.MapEntryAt(first + (uint)i), $"sector {first + (uint)i}");
            word |= bit;
        }
    }

    /// <summary>An entry that was not written, or whose block is not in this pass.</summary>
    private void Examine(uint entry, uint sector)
    {
        uint block = BttInfo.BlockOf(entry, sector);
        if (entry < BttInfo.Written && _first == 0)
            Count(entry, sector);
        if (block - _first < _count)
        {
            if (!TryTake(block))
                ReportShared(block, _info.MapEntryAt(sector), $"sector {sector}");
        }
        else if (block >= _info.Blocks && _first == 0)
        {
            _report.Add(MediumFaultKind.MapEntry, _start + _info.MapEntryAt(sector), $"Sector {sector} has block {block} of {_info.Blocks}.");
        }
    }

    // Sectors never written: each has the block of its own number.
    private void TakeRun(uint first, uint count)
    {
        if (_first == 0)
            _report.UnwrittenSectors += count;
        for (uint sector = first; sector < first + count; sector++)
        {
            uint at = sector - _first;
            if ((at & 63) == 0 && at < _count && _count - at >= 64 && first + count - sector >= 64 && _seen[at >> 6] == 0)
            {
                _seen[at >> 6] = ulong.MaxValue;
                sector += 63;
            }
            else if (at < _count && !TryTake(sector))
            {
                ReportShared(sector, _info.MapEntryAt(sector), $"sector {sector}");
            }
        }
    }

    private bool TryTake(uint block)
    {
        ref ulong word = ref _seen[(block - _first) >> 6];
        ulong bit = 1UL << (int)block, before = word;
        word |= bit;
        return (before & bit) == 0;
    }

    private void Count(uint entry, uint sector)
    {
        switch (entry & BttInfo.StateMask)
        {
            case BttInfo.Zeroed:
                _report.ZeroedSectors++;
                break;
            case BttInfo.Failed:
                _report.SectorsInError++;
                break;
            default:
                _report.UnwrittenSectors++;
                if (entry != 0)
                    _report.Add(MediumFaultKind.MapEntry, _start + _info.MapEntryAt(sector), $"Sector {sector} was never written, and has the entry 0x{entry:x8}.");
                break;
        }
    }

    private void ReportShared(uint block, long at, string who)
    {
        Shared ??= new ulong[(_info.Blocks + 63) / 64];
        Shared[block >> 6] |= 1UL << (int)block;
        _report.Add(MediumFaultKind.SharedBlock, _start + at, $"Block {block} belongs to {who} and to somebody else as well.");
    }

    private void FindLost()
    {
        for (uint i = 0; i < _count; i++)
        {
            if (_seen[i >> 6] == ulong.MaxValue)
                i |= 63; // A whole word, whose first block this is: no block behind the last one is ever taken.
            else if ((_seen[i >> 6] & 1UL << (int)i) == 0)
                _report.Add(MediumFaultKind.LostBlock, _start + _info.DataAt(_first + i), $"Block {_first + i} belongs to no sector and no lane.");
        }
    }
}
