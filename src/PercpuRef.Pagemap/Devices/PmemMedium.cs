using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The bytes of a mapped region, or of a part of it.</summary>
/// <remarks>Kernel: <c>pmem_rw_bytes</c>. Only used between entering and leaving a queue, or in probe.</remarks>
internal sealed unsafe class PmemMedium : IByteMedium
{
    // Room is asked for in pieces of this size, remembered in a bitmap, so that steady writes make no call.
    private const int GranuleShift = 21;

    private readonly PhysicalRegion _region;
    private readonly long _start;
    private readonly long _firstGranule;
    private readonly long[] _allocated; // One bit a granule of the region, from the first of the part on.
    private readonly long[] _dense; // The same of granules without holes or with room, which may be read where they are mapped.
    private readonly long[] _sparse; // The same of those that had holes when they were first read: read past the mapping until room is asked for.

    internal PmemMedium(PhysicalRegion region)
        : this(region, 0, region.Memory.Length)
    {
    }

    /// <param name="region">The region.</param>
    /// <param name="start">A multiple of the page size.</param>
    /// <param name="length">Bytes.</param>
    internal PmemMedium(PhysicalRegion region, long start, long length)
    {
        _region = region;
        _start = start;
        Length = length;
        _firstGranule = start >> GranuleShift;
        int words = checked((int)((((start + length - 1) >> GranuleShift) - _firstGranule) >> 6) + 1);
        _allocated = NativeBlocks.AllocatePinnedWords(words);
        _dense = NativeBlocks.AllocatePinnedWords(words);
        _sparse = NativeBlocks.AllocatePinnedWords(words);
    }

    public long Length { get; }

    public bool IsWritable => _region.IsWritable;

    internal PhysicalSpace Space => _region.Space;

    /// <summary>The frame of the first byte.</summary>
    internal Pfn First => new(_region.Range.Start.Value + (ulong)(_start >> Pfn.PageShift));

    internal byte* Address => _region.Address + _start;

    public void Read(long offset, Span<byte> destination)
    {
        if (IsDense(offset, destination.Length))
            new ReadOnlySpan<byte>(Address + offset, destination.Length).CopyTo(destination);
        else
            _region.Memory.ReadMedium(_start + offset, destination);
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Prepare(offset, source.Length);
        source.CopyTo(new Span<byte>(Address + offset, source.Length));
    }

    public void Flush(long offset, long length) => _region.Memory.Flush(_start + offset, length);

    public long FindData(long offset) => Math.Min(_region.Memory.FindData(_start + offset) - _start, Length);

    public uint LoadEntry(long offset)
    {
        long word = 0, at = offset & -sizeof(long);
        if (IsDense(at, sizeof(long)))
            word = Atomic.LoadAcquire((long*)(Address + at));
        else
            _region.Memory.ReadMedium(_start + at, MemoryMarshal.AsBytes(new Span<long>(ref word)));
        return MemoryMarshal.Cast<long, uint>(new ReadOnlySpan<long>(in word))[(int)(offset >> 2) & 1];
    }

    // The neighbour in the word may be changed by somebody else at the same time: neither may undo the other.
    public void StoreEntry(long offset, uint value)
    {
        long* word = (long*)(Address + (offset & -sizeof(long)));
        for (long found = Atomic.LoadAcquire(word); ;)
        {
            long changed = found;
            MemoryMarshal.Cast<long, uint>(new Span<long>(ref changed))[(int)(offset >> 2) & 1] = value;
            long before = Atomic.CompareExchange(word, changed, found);
            if (before == found)
                return;
            found = before;
        }
    }

    public void StoreWord(long offset, ulong value) => Atomic.StoreRelease((long*)(Address + offset), (long)value);

    /// <summary>Throws UnauthorizedAccessException if the medium is read-only.</summary>
    internal void CheckWritable()
    {
        if (!_region.IsWritable)
            ThrowReadOnly();
    }

    /// <summary>Makes sure a store cannot fail. Throws UnauthorizedAccessException or IOException.</summary>
    public void Prepare(long offset, long length)
    {
        CheckWritable();
        if (IsInOne(_allocated, offset, length))
            return;
        long end = _start + offset + length;
        for (long granule = (_start + offset) >> GranuleShift; granule << GranuleShift < end; granule++)
        {
            if (IsMarked(_allocated, granule))
                continue;
            (long from, long count) = Bounds(granule);
            _region.Memory.EnsureAllocated(from, count);
            Mark(_dense, granule);
            Mark(_allocated, granule);
        }
    }

    /// <summary>Whether a part may be touched where it is mapped without any risk: it has no hole, or was given room.</summary>
    private bool IsDense(long offset, long length) => IsInOne(_dense, offset, length) || LooksDense(offset, length);

    /// <summary>Whether a part lies in one granule, which is marked: nearly always, once a medium has been in use for a while.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsInOne(long[] bits, long offset, long length)
    {
        long first = _start + offset;
        return (first ^ (first + length - 1)) >> GranuleShift == 0 && IsMarked(bits, first >> GranuleShift);
    }

    private bool LooksDense(long offset, long length)
    {
        long end = _start + offset + length;
        for (long granule = (_start + offset) >> GranuleShift; granule << GranuleShift < end; granule++)
        {
            if (IsMarked(_dense, granule))
                continue;
            if (IsMarked(_sparse, granule))
                return false;
            (long from, long count) = Bounds(granule);
            bool hasHoles = _region.Memory.HasHoles(from, count);
            Mark(hasHoles ? _sparse : _dense, granule);
            if (hasHoles)
                return false;
        }
        return true;
    }

    private void ThrowReadOnly() => throw new UnauthorizedAccessException($"The medium of '{_region.Name}' is read-only.");

    private (long From, long Count) Bounds(long granule)
    {
        long from = granule << GranuleShift;
        return (from, Math.Min(1L << GranuleShift, _region.Memory.Length - from));
    }

    private bool IsMarked(long[] bits, long granule) =>
        (Atomic.LoadAcquire(Pinned.Address(bits, (int)((granule - _firstGranule) >> 6))) & 1L << (int)(granule - _firstGranule)) != 0;

    private void Mark(long[] bits, long granule)
    {
        long* word = Pinned.Address(bits, (int)((granule - _firstGranule) >> 6));
        long bit = 1L << (int)(granule - _firstGranule), found = Atomic.LoadAcquire(word);
        while (Atomic.CompareExchange(word, found | bit, found) is var before && before != found)
            found = before;
    }
}
