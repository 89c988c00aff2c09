using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>A slab of a pool and its blocks.</summary>
internal sealed unsafe class PoolSlab
{
    private readonly long[] _generations;

    internal PoolSlab(SlabPool pool, int blocks)
    {
        _generations = NativeBlocks.AllocatePinnedWords(blocks * 8); // A cache line each.
        Blocks = new SlabBlock[blocks];
        Memory = NativeSlab.Allocate((long)blocks * pool.BlockSize);
        try
        {
            for (int i = 0; i < blocks; i++)
                Blocks[i] = new SlabBlock(pool, this, Memory.Address + (long)i * pool.BlockSize, Pinned.Address(_generations, i * 8));
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    internal NativeSlab Memory { get; }

    internal SlabBlock[] Blocks { get; }
}
