using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The checked version: a block of the model heap, and a medium of its own for what the process cannot touch.</summary>
internal sealed unsafe class RegionMemory : IDisposable
{
    private readonly byte[] _medium;

    private RegionMemory(long length, RegionBacking backing)
    {
        Address = (byte*)NativeBlocks.Allocate((nuint)length);
        Length = length;
        Backing = backing;
        _medium = backing == RegionBacking.Protected ? new byte[length] : [];
    }

    internal static bool CanMapAt => false;

    internal byte* Address { get; }

    internal long Length { get; }

    internal RegionBacking Backing { get; }

    internal bool IsWritable => true;

    internal static RegionMemory CreateAnonymous(long length) => new(length, RegionBacking.Anonymous);

    internal static RegionMemory CreateProtected(long length) => new(length, RegionBacking.Protected);

    internal static RegionMemory OpenFile(string path, long length, bool readOnly) => new(length, RegionBacking.SharedFile);

    internal void Map()
    {
    }

    internal void Unmap()
    {
    }

    internal void MapAt(long address, long offset, long length) => throw new InsufficientMemoryException("Not in the model.");

    internal static void MakeZero(long address, long length)
    {
    }

    internal void Flush(long offset, long length)
    {
    }

    internal void EnsureAllocated(long offset, long length)
    {
    }

    internal void ReadMedium(long offset, Span<byte> destination) => _medium.AsSpan((int)offset, destination.Length).CopyTo(destination);

    internal void WriteMedium(long offset, ReadOnlySpan<byte> source) => source.CopyTo(_medium.AsSpan((int)offset));

    public void Dispose() => NativeBlocks.Free(Address);
}
