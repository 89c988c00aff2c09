using System.Buffers;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>A block of a slab, made once and rented again and again. How a return counts once is in the other part.</summary>
internal sealed unsafe partial class SlabBlock : MemoryManager<byte>
{
    internal readonly SlabPool Pool;
    internal readonly byte* Address;
    internal readonly int Length;
    private readonly PercpuRef _reference;
    private readonly PoolSlab _slab; // Keeps the slab and the block's words alive.

    internal SlabBlock(SlabPool pool, PoolSlab slab, byte* address, long* words)
    {
        Pool = pool;
        Address = address;
        Length = pool.BlockSize;
        _reference = slab.Memory.Reference;
        _generation = words;
        _slab = slab;
        _home = pool.Nobody;
    }

    /// <summary>The bytes, while anybody rents them: a memory that was kept over the return is found out here, unless the
    /// block was rented again.</summary>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(!IsRentedNow, typeof(SlabRental));
        return new Span<byte>(Address, Length);
    }

    /// <summary>A percpu pin of the slab: it stays mapped, also when the block is returned.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if ((uint)elementIndex > (uint)Length)
            throw new ArgumentOutOfRangeException(nameof(elementIndex), elementIndex, $"There are {Length} bytes.");
        ObjectDisposedException.ThrowIf(!_reference.TryGet(), this);
        return new MemoryHandle(Address + elementIndex, default, this);
    }

    public override void Unpin() => _reference.Put();

    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        if ((_slab.Memory as PinnedSlab)?.Array is not { } array)
        {
            segment = default;
            return false;
        }
        segment = new ArraySegment<byte>(array, PinnedSlab.IndexOf(array, Address), Length);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        // A block belongs to its slab; who rented it disposes of the rental.
    }
}
