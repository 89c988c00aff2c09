using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// Rents and returns that are more than the last block, at home.
public sealed unsafe partial class SlabPool
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private SlabRental RentSlow()
    {
        SlabCache cache = CacheOfThread() ?? AttachThread();
        while (true)
        {
            while (cache.TryTake(out SlabBlock? block))
            {
                block.IsFree(out long generation);
                if (block.Begin(++generation) || block.StaysOpen())
                    return new SlabRental(block, generation);
                cache.Last = null;
            }
            if (!TakeReturned(cache))
                Refill(cache);
        }
    }

    /// <summary>The rest of a rent of the last block that found a claim.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private SlabRental RentClaimed(SlabCache cache)
    {
        SlabBlock block = cache.Last!;
        block.IsFree(out long generation);
        if (block.StaysOpen())
            return new SlabRental(block, generation);
        cache.Last = null;
        return RentSlow();
    }

    /// <summary>The rest of a return at home, of a block that has a claim or is not the last.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReturnSlow(SlabBlock block)
    {
        if (block.StaysOpen())
            Keep(block.Home, block);
    }

    private static void Keep(SlabCache cache, SlabBlock block)
    {
        if (ReferenceEquals(cache.Last, block))
            return;
        if (cache.Count == SlabCache.Capacity)
            block.Pool.Spill(cache);
        cache.Push(block);
    }

    /// <summary>Takes back what other threads have returned to this cache. False when there was nothing.</summary>
    private static bool TakeReturned(SlabCache cache)
    {
        SlabBlock? newest = cache.TakeReturned();
        for (SlabBlock? block = newest; block is not null;)
        {
            SlabBlock? next = block.Next; // Once its claim is decided, it may be pushed again.
            block.Next = null;
            if (block.TryEndClaimed(cache))
                Keep(cache, block);
            block = next;
        }
        return newest is not null;
    }
}
