using System.Buffers;

namespace Percpu.Buffers;

/// <summary>One chunk of a mapped memory in the chain of its sequence.</summary>
internal sealed class MappedSegment : ReadOnlySequenceSegment<byte>
{
    internal MappedSegment(MappedMemoryManager manager, long start, MappedSegment? previous)
    {
        Manager = manager;
        Memory = manager.ReadOnlyMemory;
        RunningIndex = start;
        previous?.Next = this;
    }

    internal MappedMemoryManager Manager { get; }
}
