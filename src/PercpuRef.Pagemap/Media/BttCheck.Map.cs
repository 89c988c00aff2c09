using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percpu.Pagemap;

// Looking at all entries of the map.
internal sealed partial class BttCheck
{
    private void ScanMap(Action<long>? progress)
    {
        Span<byte> chunk = stackalloc byte[16384];
        uint perChunk = (uint)chunk.Length / sizeof(uint);
        for (uint first = 0; first < _info.Sectors; first += perChunk)
        {
            uint count = Math.Min(perChunk, _info.Sectors - first);
            Span<byte> part = chunk[..(int)(count * sizeof(uint))];
            _medium.Read(_start + _info.MapEntryAt(first), part);
            ScanChunk(MemoryMarshal.Cast<byte, uint>(part), first);
            progress?.Invoke(count);
        }
    }

    private void ScanChunk(Span<uint> entries, uint first)
    {
        for (int i = 0; i < entries.Length;)
        {
            int plain = 0;
            if (!_tells)
            {
                plain = Decode(entries[i..], first + (uint)i, out int here);
                TakeGroups(entries.Slice(i, here));
            }
            i += plain;
            int each = Math.Min(Group, entries.Length - i);
            ScanEach(entries.Slice(i, each), first + (uint)i);
            i += each;
        }
    }

    /// <summary>Gives sectors the entry of one that was written, with its block, and leaves out those whose blocks are not of this pass.
    /// Up to eight of which some are and some are not, or one has a wrong entry.</summary>
    /// <param name="entries">Changed.</param>
    /// <param name="first">Whose entry is the first.</param>
    /// <param name="here">How many are left, at the front.</param>
    /// <returns>How many were looked at.</returns>
    private int Decode(Span<uint> entries, uint first, out int here)
    {
        Span<uint> groups = entries[..(entries.Length & -Group)];
        here = groups.Length;
        if (!groups.ContainsAnyExceptInRange(BttInfo.Written + _first, BttInfo.Written + _first + _count - 1))
            return here; // As most of a medium in use.
        Vector256<uint> unwritten = default, zeroed = default, failed = default, sectors = Vector256.Create(first) + Vector256<uint>.Indices;
        Vector256<uint> blocks = Vector256.Create(_info.Blocks), window = Vector256.Create(_first), count = Vector256.Create(_count);
        int i = 0;
        for (here = 0; i < groups.Length; i += Group, sectors += Vector256.Create((uint)Group))
        {
            Vector256<uint> entry = Vector256.Create<uint>(groups.Slice(i, Group)), state = entry & Vector256.Create(BttInfo.StateMask), isUnwritten = Vector256.IsZero(state);
            Vector256<uint> block = Vector256.ConditionalSelect(isUnwritten, sectors, entry & Vector256.Create(BttInfo.NumberMask));
            bool isHere = Vector256.LessThanAll(block - window, count);
            if (!Vector256.LessThanAll(block, blocks) || (isUnwritten & entry) != Vector256<uint>.Zero || (!isHere && Vector256.LessThanAny(block - window, count)))
                break;
            unwritten -= isUnwritten; // Which is -1 where it is so.
            zeroed -= Vector256.Equals(state, Vector256.Create(BttInfo.Zeroed));
            failed -= Vector256.Equals(state, Vector256.Create(BttInfo.Failed));
            (block | Vector256.Create(BttInfo.Written)).CopyTo(groups.Slice(here, Group));
            here += isHere ? Group : 0;
        }
        if (_first == 0)
        {
            _report.UnwrittenSectors += Vector256.Sum(unwritten);
            _report.ZeroedSectors += Vector256.Sum(zeroed);
            _report.SectorsInError += Vector256.Sum(failed);
        }
        return i;
    }

    /// <summary>Takes the blocks of sectors that were written, of which each has one in this pass.</summary>
    /// <remarks>Which instructions run depends on nothing but whether sectors were written in order: where blocks are at random, wrong
    /// guesses of the processor would cost more than all the rest.</remarks>
    private unsafe void TakeGroups(ReadOnlySpan<uint> entries)
    {
        _taken += entries.Length;
        fixed (uint* part = entries, seen = _seen)
        {
            uint* words = seen - (BttInfo.Written + _first) / Bits; // So the entry itself tells the word.
            for (uint* at = part; at < part + entries.Length; at += Group)
            {
                uint first = at[0];
                if (Vector256.Load(at) == Vector256.Create(first) + Vector256<uint>.Indices && first % Bits <= Bits - Group)
                {
                    words[first / Bits] |= ((1u << Group) - 1) << (int)first;
                    continue;
                }
                words[first / Bits] |= 1u << (int)first;
                words[at[1] / Bits] |= 1u << (int)at[1];
                words[at[2] / Bits] |= 1u << (int)at[2];
                words[at[3] / Bits] |= 1u << (int)at[3];
                words[at[4] / Bits] |= 1u << (int)at[4];
                words[at[5] / Bits] |= 1u << (int)at[5];
                words[at[6] / Bits] |= 1u << (int)at[6];
                words[at[7] / Bits] |= 1u << (int)at[7];
            }
        }
    }

    private void ScanEach(ReadOnlySpan<uint> entries, uint first)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            uint sector = first + (uint)i, block = BttInfo.BlockOf(entries[i], sector);
            if (entries[i] < BttInfo.Written && _first == 0 && !_tells)
                Count(entries[i], sector);
            if (block - _first < _count)
                Take(block, _info.MapEntryAt(sector), "sector", sector);
            else if (block >= _info.Blocks && _first == 0 && !_tells)
                _report.Add(MediumFaultKind.MapEntry, _start + _info.MapEntryAt(sector), $"Sector {sector} has block {block} of {_info.Blocks}.");
        }
    }
}
