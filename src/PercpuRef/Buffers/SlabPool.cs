using System.Buffers;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A pool of blocks of one size outside the garbage collector's heap. Each thread keeps some free blocks to itself;
/// blocks may be returned on any thread; slabs can be retired while blocks of them are rented, and are unmapped when
/// the last of these is returned.
/// </summary>
/// <remarks>Thread-safety: every member may be called from any thread at any time. A block goes back to the thread that rented
/// it: at once when that thread returns it, which costs no interlocked operation; else when that thread next runs out of
/// blocks, or has ended and anybody runs out. So a thread that only rents and threads that only return need no more memory
/// than is rented at one time, but blocks of a thread that rents no more wait for its end.</remarks>
public sealed unsafe partial class SlabPool : MemoryPool<byte>, IAsyncDisposable
{
    /// <summary>What stands where there is no cache.</summary>
    internal readonly SlabCache Nobody = new();

    private SlabCache[] _bySlot = []; // By the number of a thread. Replaced and filled under the lock.

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
        long slab = (long)options.BlockSize * options.BlocksPerSlab;
        if (options.PinnedArrays && slab > Array.MaxLength - 64)
            throw new ArgumentOutOfRangeException(nameof(options), slab, $"A slab of pinned arrays has at most {Array.MaxLength - 64} bytes.");
        if (options.MaxIdleBytes < slab)
            throw new ArgumentOutOfRangeException(nameof(options), options.MaxIdleBytes, $"MaxIdleBytes must be at least one slab, {slab} bytes.");
        BlockSize = options.BlockSize;
        UsesArrays = options.PinnedArrays;
        _blocksPerSlab = options.BlocksPerSlab;
        _maxIdleBytes = options.MaxIdleBytes;
        SlabPools.Add(this);
    }

    /// <summary>Bytes of every block.</summary>
    public int BlockSize { get; }

    /// <summary>Whether slabs are pinned arrays.</summary>
    internal bool UsesArrays { get; }

    /// <summary>The largest buffer that can be rented: a block.</summary>
    public override int MaxBufferSize => BlockSize;

    /// <summary>Rents a block.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for another slab.</exception>
    /// <remarks>Allocates only when a new slab is needed, or at a thread's first rent.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlabRental RentBlock()
    {
        // In this shape, and with calls in last places only, the JIT has registers left to take the mark out of loops.
        long mark = ThreadMark.Current;
        SlabCache[] caches = Atomic.LoadReference(ref _bySlot);
        int slot = ThreadMarks.Slot(mark);
        if ((uint)slot >= (uint)caches.Length)
            return RentSlow();
        SlabCache cache = caches[slot]; // Often another's, of an ended thread of the same number.
        if (!cache.IsOf(mark) || cache.Last is not { } block || !block.IsFree(out long generation))
            return RentSlow();
        return block.Begin(++generation) ? new SlabRental(block, generation) : RentClaimed(cache);
    }

    /// <summary><see cref="RentBlock()"/> without an access to thread-static fields; see also <see cref="SlabRental.Dispose(PercpuThread)"/>.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for another slab.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlabRental RentBlock(PercpuThread thread)
    {
        if (thread.Hazards == 0)
            return RentSlow();
        long mark = Atomic.LoadLocal(Hazard.OfMark(thread.Hazards));
        SlabCache[] caches = Atomic.LoadReference(ref _bySlot);
        int slot = ThreadMarks.Slot(mark);
        if ((uint)slot >= (uint)caches.Length)
            return RentSlow();
        SlabCache cache = caches[slot];
        if (!cache.IsOf(mark) || cache.Last is not { } block || !block.IsFree(out long generation))
            return RentSlow();
        return block.Begin(++generation) ? new SlabRental(block, generation) : RentClaimed(cache);
    }

    /// <summary>Rents a block as an owner object.</summary>
    /// <param name="minBufferSize">At most <see cref="MaxBufferSize"/>; -1 for any size.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than a block, or below -1.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for another slab.</exception>
    /// <remarks>Allocates the owner; <see cref="RentBlock()"/> does not.</remarks>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (minBufferSize < -1 || minBufferSize > BlockSize)
            throw new ArgumentOutOfRangeException(nameof(minBufferSize), minBufferSize, $"A block of this pool has {BlockSize} bytes: SlabPoolOptions.BlockSize.");
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
    internal static void Return(SlabBlock block, long generation) => Return(block, generation, ThreadMark.Current);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Return(SlabBlock block, long generation, long mark)
    {
        SlabCache home = block.Home;
        if (!home.IsOf(mark))
            block.EndElsewhere(generation);
        else if (block.IsAt(generation) && (!block.End(generation) || !ReferenceEquals(home.Last, block)))
            ReturnSlow(block);
    }
}
