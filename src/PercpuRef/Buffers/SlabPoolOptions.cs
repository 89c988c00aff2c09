namespace Percpu.Buffers;

/// <summary>Settings of a <see cref="SlabPool"/>.</summary>
public sealed class SlabPoolOptions
{
    /// <summary>Bytes of a block, the largest buffer that can be rented. A multiple of 64, at least 64; default 4,096.</summary>
    public int BlockSize { get; init; } = 4096;

    /// <summary>Blocks that are taken from the operating system at once: 1 to 65,536, default 256.</summary>
    public int BlocksPerSlab { get; init; } = 256;

    /// <summary>Whether slabs are pinned arrays of the garbage collector's heap instead of memory outside of it, so that
    /// <see cref="System.Runtime.InteropServices.MemoryMarshal.TryGetArray"/> gives an array: for users that take arrays only,
    /// such as the sockets of Kestrel. Default: no.</summary>
    public bool PinnedArrays { get; init; }

    /// <summary>How many bytes may be idle before the pool takes more from the operating system: it retires all slabs first
    /// then. At least one slab; default: no bound, <see cref="long.MaxValue"/>.</summary>
    /// <remarks>Blocks go back to the thread that rented them, so a pool's memory is the number of threads times their largest
    /// burst, until <see cref="SlabPool.RetireSlabs()"/>. With a bound, each new slab costs a look at every block.</remarks>
    public long MaxIdleBytes { get; init; } = long.MaxValue;
}
