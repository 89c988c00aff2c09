using System.Runtime.CompilerServices;
using Percpu.Buffers;

namespace Percpu.Interleavings.Model;

/// <summary>The slabs inside a pool.</summary>
internal static class PoolFields
{
    /// <summary>The finalizer's thread is not of the story.</summary>
    internal static void SuppressFinalizers(SlabPool pool)
    {
        foreach (PoolSlab slab in Slabs(pool))
        {
            GC.SuppressFinalize(slab);
            GC.SuppressFinalize(slab.Memory);
        }
        foreach (MappedMemory slab in Retired(pool))
            GC.SuppressFinalize(slab);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_slabs")]
    private static extern ref List<PoolSlab> Slabs(SlabPool pool);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_retired")]
    private static extern ref List<MappedMemory> Retired(SlabPool pool);
}
