using System.Buffers;
using Percpu.Buffers;

namespace Percpu.Arrow;

/// <summary>A buffer in a block of a slab. Disposing it again does nothing.</summary>
internal sealed class ArrowBlock(SlabRental rental, int length) : IMemoryOwner<byte>
{
    public Memory<byte> Memory => rental.Memory[..length];

    public void Dispose() => rental.Dispose();

    internal void Clear() => rental.Span[..length].Clear();
}
