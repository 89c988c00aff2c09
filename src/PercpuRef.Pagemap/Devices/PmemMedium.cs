using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The bytes of a mapped region.</summary>
/// <remarks>Kernel: <c>pmem_rw_bytes</c>. Only used between entering and leaving a queue, or in probe.</remarks>
internal sealed unsafe class PmemMedium : IByteMedium
{
    // Room is asked for in pieces of this size, remembered in a bitmap, so that steady writes make no call.
    private const int GranuleShift = 21;

    private readonly PhysicalRegion _region;
    private readonly long[] _allocated; // One bit a granule.

    internal PmemMedium(PhysicalRegion region)
    {
        _region = region;
        long granules = region.Memory.Length >> GranuleShift;
        _allocated = NativeBlocks.AllocatePinnedWords(checked((int)((granules + 63) >> 6)));
    }

    public long Length => _region.Memory.Length;

    internal PhysicalSpace Space => _region.Space;

    internal bool IsWritable => _region.IsWritable;

    internal Pfn First => _region.Range.Start;

    internal byte* Address => _region.Address;

    public void Read(long offset, Span<byte> destination) => new ReadOnlySpan<byte>(Address + offset, destination.Length).CopyTo(destination);

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Prepare(offset, source.Length);
        source.CopyTo(new Span<byte>(Address + offset, source.Length));
    }

    public void Flush(long offset, long length) => _region.Memory.Flush(offset, length);

    /// <summary>Makes sure a store cannot fail. Throws UnauthorizedAccessException or IOException.</summary>
    internal void Prepare(long offset, long length)
    {
        if (!_region.IsWritable)
            throw new UnauthorizedAccessException($"The medium of '{_region.Name}' is read-only.");
        for (long granule = offset >> GranuleShift; granule << GranuleShift < offset + length; granule++)
        {
            long* word = Pinned.Address(_allocated, (int)(granule >> 6));
            long bit = 1L << (int)(granule & 63);
            long found = Atomic.LoadAcquire(word);
            if ((found & bit) != 0)
                continue;
            _region.Memory.EnsureAllocated(granule << GranuleShift, 1L << GranuleShift);
            while (Atomic.CompareExchange(word, found | bit, found) is var before && before != found)
                found = before;
        }
    }
}
