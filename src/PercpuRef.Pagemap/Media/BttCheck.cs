using System.Numerics;

namespace Percpu.Pagemap;

/// <summary>Checks the structure of one arena: the copy of its info block, its log, and that its map and its lanes together
/// have each block exactly once. Writes nothing.</summary>
/// <remarks><c>ndctl check-namespace</c>, <c>pmemblk_check</c>.</remarks>
internal sealed partial class BttCheck
{
    // Blocks that are counted in one pass over the map: memory stays the same however large the medium is.
    private const uint Window = 1 << 25;

    // Entries that are looked at together: as many as a vector has.
    private const int Group = 8, Bits = 32;

    private readonly IByteMedium _medium;
    private readonly long _start;
    private readonly BttInfo _info;
    private readonly MediumReport _report;
    private readonly uint[] _seen; // A bit each. Of 32 to a word: neighbours in one have to wait for each other. The first eight words count for nothing.
    private uint _first, _count;
    private long _taken;
    private bool _tells; // Whether this is a second scan, which tells which blocks are shared.

    internal BttCheck(IByteMedium medium, long start, BttInfo info, MediumReport report)
    {
        _medium = medium;
        _start = start;
        _info = info;
        _report = report;
        _seen = new uint[(Math.Min(info.Blocks, Window) + Bits - 1) / Bits + Group];
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
            _tells = false;
            ScanAll(progress);
            long seen = CountSeen();
            if (seen != _taken)
            {
                _tells = true;
                ScanAll(null);
            }
            if (seen != _count)
                FindLost();
        }
    }

    /// <summary>Takes the blocks of all sectors and lanes. If fewer are seen than were taken, some are shared; which ones tells a
    /// second scan, as nearly no medium needs it.</summary>
    private void ScanAll(Action<long>? progress)
    {
        Array.Clear(_seen);
        _taken = 0;
        ScanMap(progress);
        for (uint lane = 0; lane < Lanes.Length; lane++)
        {
            if (Lanes[lane].Sequence != 0 && Lanes[lane].Held - _first < _count)
                Take(Lanes[lane].Held, _info.LogAt(lane), "lane", lane);
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

    /// <summary>Of a block of this pass.</summary>
    private ref uint WordOf(uint block) => ref _seen[Group + (block - _first) / Bits];

    /// <summary>Notes that somebody has a block; in the second scan, that somebody else has it as well.</summary>
    private void Take(uint block, long at, string who, uint number)
    {
        ref uint word = ref WordOf(block);
        uint bit = 1u << (int)block;
        if (_tells && (word & bit) != 0)
        {
            Shared ??= new ulong[(_info.Blocks + 63) / 64];
            Shared[block >> 6] |= 1UL << (int)block;
            _report.Add(MediumFaultKind.SharedBlock, _start + at, $"Block {block} belongs to {who} {number} and to somebody else as well.");
        }
        word |= bit;
        _taken++;
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

    private long CountSeen()
    {
        long count = 0;
        foreach (uint word in _seen.AsSpan(Group))
            count += BitOperations.PopCount(word);
        return count;
    }

    private void FindLost()
    {
        for (uint i = 0; i < _count; i++)
        {
            if (WordOf(_first + i) == uint.MaxValue)
                i |= Bits - 1; // A whole word, whose first block this is: no block behind the last one is ever taken.
            else if ((WordOf(_first + i) & 1u << (int)i) == 0)
                _report.Add(MediumFaultKind.LostBlock, _start + _info.DataAt(_first + i), $"Block {_first + i} belongs to no sector and no lane.");
        }
    }
}
