using System.Buffers;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A pool of blocks of one size outside the garbage collector's heap. Each thread keeps some free blocks to itself;
/// blocks may be returned on any thread; slabs can be retired while blocks of them are rented, and are unmapped when
/// the last of these is returned.
/// </summary>
/// <remarks>Thread-safety: every member may be called from any thread at any time. A rented block holds a percpu pin of
/// its slab.</remarks>
public sealed unsafe partial class SlabPool : MemoryPool<byte>, IAsyncDisposable
{
    private readonly int _number;

    /// <summary>Creates a pool. Nothing is taken from the operating system before the first rent.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public SlabPool(SlabPoolOptions? options = null)
    {
        options ??= new SlabPoolOptions();
        if (options.BlockSize < 64 || options.BlockSize % 64 != 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.BlockSize, "BlockSize must be a multiple of 64.");
        if (options.BlocksPerSlab is < 1 or > 65_536)
            throw new ArgumentOutOfRangeException(nameof(options), options.BlocksPerSlab, "BlocksPerSlab must be 1 to 65,536.");
        BlockSize = options.BlockSize;
        _blocksPerSlab = options.BlocksPerSlab;
        _number = ThreadCaches.TakeNumber();
    }

    /// <summary>Bytes of every block.</summary>
    public int BlockSize { get; }

    /// <summary>The largest buffer that can be rented: a block.</summary>
    public override int MaxBufferSize => BlockSize;

    /// <summary>Rents a block.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for another slab.</exception>
    /// <remarks>Allocates only when a new slab is needed, or at a thread's first rent.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlabRental RentBlock()
    {
        SlabCache cache = CacheOfThread();
        int count = cache.Count - 1;
        if (count >= 0)
        {
            SlabBlock block = cache.Blocks[count]!;
            if (block.Reference.TryGetLive())
            {
                cache.Count = count;
                return Begin(block);
            }
        }
        return RentSlow();
    }

    /// <summary>Rents a block as an owner object.</summary>
    /// <param name="minBufferSize">At most <see cref="MaxBufferSize"/>; -1 for any size.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than a block, or below -1.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for another slab.</exception>
    /// <remarks>Allocates the owner; <see cref="RentBlock"/> does not.</remarks>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (minBufferSize < -1 || minBufferSize > BlockSize)
            throw new ArgumentOutOfRangeException(nameof(minBufferSize), minBufferSize, $"A block has {BlockSize} bytes.");
        SlabRental rental = RentBlock();
        try
        {
            return new SlabOwner(rental);
        }
        catch
        {
            rental.Dispose();
            throw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Return(SlabBlock block, long generation)
    {
        // ORDER(block-1) compare-exchange, the one interlocked operation of a rent and return: it alone tells a first return
        // from a second one.
        if (Atomic.CompareExchange(block.Generation, generation + 1, generation) != generation)
            return;
        SlabCache cache = block.Pool.CacheOfThread();
        int count = cache.Count;
        if (count < SlabCache.Capacity && ReferenceEquals(cache.Pool, block.Pool))
        {
            // Often it stands there still: then there is no reference to store, which the collector would have to be told.
            if (!ReferenceEquals(cache.Blocks[count], block))
                cache.Blocks[count] = block;
            cache.Count = count + 1;
            block.Reference.Put(); // Last: it may unmap a retired slab. The cached block of one is dropped at the next rent.
        }
        else
        {
            block.Pool.ReturnSlow(block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SlabRental Begin(SlabBlock block)
    {
        long generation = Atomic.LoadLocal(block.Generation) + 1;
        // The block belongs to this thread alone until here; from here on the interlocked comparison of a return decides.
        Atomic.StoreRelease(block.Generation, generation);
        return new SlabRental(block, generation);
    }

    /// <summary>This thread's cache, or an empty one of no pool.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SlabCache CacheOfThread()
    {
        SlabCache[]? caches = ThreadCaches.Caches;
        if (caches is not null && (uint)_number < (uint)caches.Length)
        {
            SlabCache cache = caches[_number];
            if (ReferenceEquals(cache.Pool, this))
                return cache;
        }
        return SlabCache.None;
    }
}
