using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>The checked version: a block of the model heap, freed at the unmapping. There are no files.</summary>
internal sealed unsafe class FileMapping
{
    private FileMapping(string path, long length, bool isWritable)
    {
        Path = path;
        Length = length;
        IsWritable = isWritable;
        Address = (byte*)NativeBlocks.Allocate((nuint)length);
    }

    internal string Path { get; }

    internal byte* Address { get; }

    internal long Length { get; }

    internal bool IsWritable { get; }

    internal bool IsPrivate => false;

    internal static FileMapping Open(string path, MappedFileOptions options) =>
        new(path, Math.Max(options.Length, 64), options.Access != System.IO.MemoryMappedFiles.MemoryMappedFileAccess.Read);

    internal static FileMapping Create(string path, long length, MappedFileOptions options) => new(path, length, isWritable: true);

    internal FileMapping Grow(long length) => new(Path, length, IsWritable);

    internal void Flush(long offset, long length)
    {
    }

    internal void Unmap() => NativeBlocks.Free(Address);
}
