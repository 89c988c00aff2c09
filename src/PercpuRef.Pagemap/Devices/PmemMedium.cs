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
    private readonly long[] _allocated; // One bit a granule of the region, from the first of the part on.

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
        long granules = ((start + length - 1) >> GranuleShift) - (start >> GranuleShift) + 1;
        _allocated = NativeBlocks.AllocatePinnedWords(checked((int)((granules + 63) >> 6)));
    }

    public long Length { get; }

    public bool IsWritable => _region.IsWritable;

    internal PhysicalSpace Space => _region.Space;

    /// <summary>The frame of the first byte.</summary>
    internal Pfn First => new(_region.Range.Start.Value + (ulong)(_start >> Pfn.PageShift));

    internal byte* Address => _region.Address + _start;

    public void Read(long offset, Span<byte> destination) => new ReadOnlySpan<byte>(Address + offset, destination.Length).CopyTo(destination);

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Prepare(offset, source.Length);
        source.CopyTo(new Span<byte>(Address + offset, source.Length));
    }

    public void Flush(long offset, long length) => _region.Memory.Flush(_start + offset, length);

    public uint LoadEntry(long offset)
    {
        long word = Atomic.LoadAcquire((long*)(Address + (offset & -sizeof(long))));
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

    /// <summary>Makes sure a store cannot fail. Throws UnauthorizedAccessException or IOException.</summary>
    public void Prepare(long offset, long length)
    {
        if (!_region.IsWritable)
            throw new UnauthorizedAccessException($"The medium of '{_region.Name}' is read-only.");
        long first = _start >> GranuleShift, end = _start + offset + length;
        for (long granule = (_start + offset) >> GranuleShift; granule << GranuleShift < end; granule++)
        {
            long* word = Pinned.Address(_allocated, (int)((granule - first) >> 6));
            long bit = 1L << (int)(granule - first);
            long found = Atomic.LoadAcquire(word);
            if ((found & bit) != 0)
                continue;
            long from = granule << GranuleShift;
            _region.Memory.EnsureAllocated(from, Math.Min(1L << GranuleShift, _region.Memory.Length - from));
            while (Atomic.CompareExchange(word, found | bit, found) is var before && before != found)
                found = before;
        }
    }
}
