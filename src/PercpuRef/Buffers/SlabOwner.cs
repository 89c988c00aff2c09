using System.Buffers;

namespace Percpu.Buffers;

/// <summary>A rental in the shape of <see cref="MemoryPool{T}"/>: one object a rent, so that a stale one cannot return
/// somebody else's block.</summary>
internal sealed class SlabOwner(SlabRental rental) : IMemoryOwner<byte>
{
    public Memory<byte> Memory => rental.Memory;

    public void Dispose() => rental.Dispose();
}
