using System.Buffers;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A block of a slab, made once and rented again and again. Its generation is odd while it is rented; a return
/// compare-exchanges the generation it was given, so of any number of returns of one rental exactly one counts.
/// </summary>
internal sealed unsafe class SlabBlock : MemoryManager<byte>
{
    internal readonly SlabPool Pool;
    internal readonly PercpuRef Reference;
    internal readonly byte* Address;
    internal readonly long* Generation;
    private readonly PoolSlab _slab; // Keeps the slab and the generation's word alive.

    internal SlabBlock(SlabPool pool, PoolSlab slab, byte* address, long* generation)
    {
        Pool = pool;
        Reference = slab.Memory.Reference;
        Address = address;
        Generation = generation;
        _slab = slab;
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(Reference.IsZero, this);
        return new Span<byte>(Address, Pool.BlockSize);
    }

    /// <summary>A percpu pin of the slab: it stays mapped, also when the block is returned.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if ((uint)elementIndex > (uint)Pool.BlockSize)
            throw new ArgumentOutOfRangeException(nameof(elementIndex), elementIndex, $"There are {Pool.BlockSize} bytes.");
        ObjectDisposedException.ThrowIf(!Reference.TryGet(), this);
        return new MemoryHandle(Address + elementIndex, default, this);
    }

    public override void Unpin() => Reference.Put();

    internal bool IsRented(long generation) => Atomic.LoadAcquire(Generation) == generation;

    protected override void Dispose(bool disposing)
    {
        // A block belongs to its slab; who rented it disposes of the rental.
    }
}
