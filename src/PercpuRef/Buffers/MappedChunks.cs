using System.Buffers;

namespace Percpu.Buffers;

/// <summary>
/// All bytes of a memory as a chain of segments of a GiB, made once: <see cref="Memory{T}"/> and
/// <see cref="ReadOnlySequence{T}"/> of any part are slices of it and allocate nothing.
/// </summary>
internal sealed class MappedChunks
{
    internal const int ChunkBytes = 1 << 30;

    private readonly MappedMemory _memory;
    private readonly MappedSegment[] _segments;

    internal MappedChunks(MappedMemory memory)
    {
        _memory = memory;
        _segments = new MappedSegment[Math.Max(1, (memory.Length + ChunkBytes - 1) / ChunkBytes)]; // One also of an empty file.
        for (int i = 0; i < _segments.Length; i++)
        {
            long start = (long)i * ChunkBytes;
            var manager = new MappedMemoryManager(memory, start, (int)Math.Min(ChunkBytes, memory.Length - start));
            _segments[i] = new MappedSegment(manager, start, i == 0 ? null : _segments[i - 1]);
        }
    }

    internal ReadOnlyMemory<byte> Memory(long offset, int length)
    {
        (MappedSegment segment, int start) = At(offset);
        // Across the border of two chunks: a manager of its own.
        return length <= segment.Memory.Length - start
            ? segment.Manager.Slice(start, length)
            : new MappedMemoryManager(_memory, offset, length).Slice(0, length);
    }

    internal ReadOnlySequence<byte> Sequence(long offset, long length)
    {
        (MappedSegment first, int start) = At(offset);
        if (length <= first.Memory.Length - start)
            return new ReadOnlySequence<byte>(first, start, first, start + (int)length);
        (MappedSegment last, int lastByte) = At(offset + length - 1);
        return new ReadOnlySequence<byte>(first, start, last, lastByte + 1);
    }

    private (MappedSegment Segment, int Start) At(long offset)
    {
        int index = (int)Math.Min(offset / ChunkBytes, _segments.Length - 1); // The end belongs to the last chunk.
        return (_segments[index], (int)(offset - (long)index * ChunkBytes));
    }
}
