using System.Runtime.CompilerServices;
using Percpu.Buffers;

namespace Percpu.Interleavings.Model;

/// <summary>The slabs inside a pool.</summary>
internal static class PoolFields
{
    /// <summary>The finalizer's thread is not of the story.</summary>
    internal static void SuppressFinalizers(SlabPool pool)
    {
        foreach (NativeSlab slab in (NativeSlab[])[.. Slabs(pool), .. Retired(pool)])
            GC.SuppressFinalize(slab);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_slabs")]
    private static extern ref List<NativeSlab> Slabs(SlabPool pool);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_retired")]
    private static extern ref List<NativeSlab> Retired(SlabPool pool);
}
