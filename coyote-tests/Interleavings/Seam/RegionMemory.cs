using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The checked version: asking for the address is the touch, a step of its own that fails while nothing is
/// mapped there. Only the first 16 pages are the same in every execution: a scenario uses no others.</summary>
internal sealed unsafe class RegionMemory : IDisposable
{
    private const int UsedPages = 16;

    private readonly Execution _execution = ModelThread.Current.Execution;
    private readonly Dictionary<long, byte[]> _medium = [];
    private readonly Ghost _mapped;
    private readonly Ghost _contents;
    private readonly byte* _address;

    private RegionMemory(long length, RegionBacking backing)
    {
        _mapped = new Ghost(_execution, "mapping of a region");
        _contents = new Ghost(_execution, "bytes of a region");
        long address = NativeBlocks.Reserve(length);
        NativeBlocks.Commit(address, length);
        _execution.Heap.NotePlain(address, Math.Min(length, UsedPages << Pfn.PageShift));
        _address = (byte*)address;
        Length = length;
        Backing = backing;
    }

    internal static bool CanMapAt => false;

    internal byte* Address
    {
        get
        {
            if (_mapped.Use() == 0)
                _execution.Fail(Violation.Memory, "The memory of a region was touched while it was not mapped.");
            _contents.Write(0); // The bytes are plain memory: the search only knows that they may be touched now.
            return _address;
        }
    }

    internal long Length { get; }

    internal RegionBacking Backing { get; }

    internal bool IsWritable => true;

    internal static RegionMemory CreateAnonymous(long length) => new(length, RegionBacking.Anonymous);

    internal static RegionMemory CreateProtected(long length) => new(length, RegionBacking.Protected);

    internal static RegionMemory OpenFile(string path, long length, bool readOnly) => new(length, RegionBacking.SharedFile);

    internal void Map()
    {
        if (Backing != RegionBacking.Protected)
            _mapped.Set(1);
    }

    internal void Unmap() => _mapped.Set(0);

    internal void MapAt(long address, long offset, long length) => throw new InsufficientMemoryException("Not in the model.");

    internal static void MakeZero(long address, long length)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Zero(thread, address, length, (long)UsedPages << PageFrame.FrameShift);
    }

    internal void Flush(long offset, long length)
    {
    }

    internal void EnsureAllocated(long offset, long length)
    {
    }

    internal bool HasHoles(long offset, long length) => false;

    internal long FindData(long offset) => offset;

    internal void ReadMedium(long offset, Span<byte> destination)
    {
        _contents.Use();
        if (_medium.TryGetValue(offset, out byte[]? bytes))
            bytes.CopyTo(destination);
        else
            destination.Clear();
    }

    internal void WriteMedium(long offset, ReadOnlySpan<byte> source)
    {
        _contents.Set(0);
        _medium[offset] = source.ToArray();
    }

    public void Dispose() => NativeBlocks.Release((long)_address, Length);
}
