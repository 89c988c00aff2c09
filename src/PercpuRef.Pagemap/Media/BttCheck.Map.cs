using System.Numerics;
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
                plain = Decode(entries[i..], first + (uint)i, out int here, out bool inOrder);
                TakeGroups(entries.Slice(i, here), inOrder);
            }
            i += plain;
            int each = Math.Min(Group, entries.Length - i);
            ScanEach(entries.Slice(i, each), first + (uint)i);
            i += each;
        }
    }

    /// <summary>Leaves the entries whose blocks are of this pass, as if all sectors had been written. A sector that never was takes its block
    /// here, eight at once: one by one they would wait for each other, as they have one word. Ends before up to eight of which some are of
    /// this pass and some are not, or one has a wrong entry.</summary>
    /// <param name="entries">Changed.</param>
    /// <param name="first">Whose entry is the first.</param>
    /// <param name="here">How many are left, at the front.</param>
    /// <param name="inOrder">Whether neighbours may have been written in order: all of them were written.</param>
    /// <returns>How many were looked at.</returns>
    private int Decode(Span<uint> entries, uint first, out int here, out bool inOrder)
    {
        Span<uint> groups = entries[..(entries.Length & -Group)];
        here = groups.Length;
        inOrder = !groups.ContainsAnyExceptInRange(BttInfo.Written + _first, BttInfo.Written + _first + _count - 1);
        if (inOrder)
            return here; // As most of a medium in use.
        Vector256<uint> written = Vector256.Create(BttInfo.Written + _first), count = Vector256.Create(_count);
        // A word for each of eight, before the first block's: what stands there is nobody's. Not behind the last one's, which in the largest
        // arena has the greatest number there is.
        Vector256<uint> nowhere = written - (Vector256<uint>.Indices + Vector256<uint>.One) * Vector256.Create((uint)Bits);
        bool ownHere = first - _first < _count && (uint)groups.Length <= _count - (first - _first);
        int i = 0;
        for (here = 0; i < groups.Length; i += Group)
        {
            Vector256<uint> entry = Vector256.Create<uint>(groups.Slice(i, Group)), isUnwritten = Vector256.IsZero(entry);
            uint own = isUnwritten.ExtractMostSignificantBits();
            // Nearly always: each was never written, or has a block of this pass.
            if (!ownHere || (isUnwritten | Vector256.LessThan(entry - written, count)) != Vector256<uint>.AllBitsSet)
            {
                Vector256<uint> state = entry & Vector256.Create(BttInfo.StateMask), sectors = Vector256.Create(first + (uint)i) + Vector256<uint>.Indices;
                if ((Vector256.IsZero(state) & entry) != Vector256<uint>.Zero)
                    break;
                entry = Vector256.ConditionalSelect(isUnwritten, sectors, entry & Vector256.Create(BttInfo.NumberMask)) | Vector256.Create(BttInfo.Written);
                bool isHere = Vector256.LessThanAll(entry - written, count);
                if (!isHere && (Vector256.LessThanAny(entry - written, count) || !Vector256.LessThanAll(entry - Vector256.Create(BttInfo.Written), Vector256.Create(_info.Blocks))))
                    break;
                CountStates(state);
                if (!isHere)
                    continue;
            }
            else if (_first == 0)
            {
                _report.UnwrittenSectors += BitOperations.PopCount(own);
            }
            WordOf(first + (uint)i) |= own << (int)(first + (uint)i);
            if (own == (1u << Group) - 1)
            {
                _taken += Group;
                continue;
            }
            Vector256.ConditionalSelect(isUnwritten, nowhere, entry).CopyTo(groups.Slice(here, Group));
            here += Group;
        }
        return i;
    }

    private void CountStates(Vector256<uint> state)
    {
        if (_first != 0)
            return; // They were counted in the first pass.
        _report.UnwrittenSectors += Vector256.Count(state, 0u);
        _report.ZeroedSectors += Vector256.Count(state, BttInfo.Zeroed);
        _report.SectorsInError += Vector256.Count(state, BttInfo.Failed);
    }

    /// <summary>Takes the blocks of sectors that were written, of which each has one in this pass.</summary>
    /// <remarks>Which instructions run depends on nothing but whether sectors were written in order: where blocks are at random, wrong
    /// guesses of the processor would cost more than all the rest.</remarks>
    private unsafe void TakeGroups(ReadOnlySpan<uint> entries, bool inOrder)
    {
        _taken += entries.Length;
        fixed (uint* part = entries, seen = &_seen[Group])
        {
            uint* words = seen - (BttInfo.Written + _first) / Bits; // So the entry itself tells the word.
            for (uint* at = part; at < part + entries.Length; at += Group)
            {
                uint first = at[0];
                if (inOrder && Vector256.Load(at) == Vector256.Create(first) + Vector256<uint>.Indices && first % Bits <= Bits - Group)
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
