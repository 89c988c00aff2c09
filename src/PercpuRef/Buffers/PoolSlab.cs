using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>A slab of a pool and its blocks. Holds one count of the slab until it is retired, so that no finalizer unmaps
/// what is rented.</summary>
internal sealed unsafe class PoolSlab
{
    private readonly long[] _words;
    private bool _isOpen;

    internal PoolSlab(SlabPool pool, int blocks)
    {
        _words = NativeBlocks.AllocatePinnedWords(blocks * 8); // A cache line each.
        Blocks = new SlabBlock[blocks];
        Memory = pool.UsesArrays ? PinnedSlab.Allocate(blocks * pool.BlockSize) : NativeSlab.Allocate((long)blocks * pool.BlockSize);
        try
        {
            for (int i = 0; i < blocks; i++)
                Blocks[i] = new SlabBlock(pool, this, Memory.Address + (long)i * pool.BlockSize, Pinned.Address(_words, i * 8));
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
        Memory.Reference.Get();
        _isOpen = true;
    }

    /// <summary>A pool was dropped without dispose. No thread can return a block any more: what is rented stays mapped.</summary>
    ~PoolSlab() => EndRetire();

    internal MappedMemory Memory { get; }

    internal SlabBlock[] Blocks { get; }

    /// <summary>Retires slabs: their free blocks are not rented any more, and each rented one has a count of its slab.</summary>
    internal static void Retire(PoolSlab[] slabs)
    {
        foreach (PoolSlab slab in slabs)
        {
            foreach (SlabBlock block in slab.Blocks)
                block.BeginClose();
        }
        // ORDER(block-4) process-wide fence. Pairs with ORDER(block-1).
        if (slabs.Length > 0)
            Atomic.ProcessWideFence();
        foreach (PoolSlab slab in slabs)
            slab.EndRetire();
    }

    private void EndRetire()
    {
        if (!_isOpen)
            return;
        _isOpen = false;
        foreach (SlabBlock block in Blocks)
            block.EndClose();
        Memory.Reference.Put();
    }
}
