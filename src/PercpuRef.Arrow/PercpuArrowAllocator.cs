using System.Buffers;
using System.Numerics;
using Apache.Arrow.Memory;
using Percpu.Buffers;

namespace Percpu.Arrow;

/// <summary>
/// Arrow's memory from slabs: aligned to 64 bytes, of exactly the length asked for, reused without a call of the operating system.
/// Disposed when a query ends: what is still in use stays valid until it is disposed, all else goes back at once.
/// </summary>
/// <remarks>
/// <para>Sizes are rounded up to powers of two for the slabs, up to 1 MiB; larger ones are mapped and unmapped each.</para>
/// <para>A buffer that is dropped without dispose is lost until the process ends, and never freed under a span in use.</para>
/// <para>Each thread keeps up to 33 free blocks of each size; see <see cref="RetireSlabs"/>.</para>
/// <para>Thread-safety: every member may be called from any thread at any time; a buffer may be disposed on any thread.</para>
/// </remarks>
public sealed class PercpuArrowAllocator : MemoryAllocator, IDisposable
{
    private const int SmallestBits = 6, LargestBits = 20, SlabBytes = 4 << 20;
    private const int MostBlocks = 1_024, FewestBlocks = 4;

    private readonly SlabPool[] _pools;
    private readonly bool _clear;
    private readonly LargeBlocks _large = new();

    /// <summary>Creates an allocator. Nothing is taken from the operating system before the first allocation.</summary>
    /// <param name="clear">Whether memory is cleared before it is given out, as that of Arrow's own allocator is. Without,
    /// it holds whatever stood there: for code that writes all it reads, as Arrow's builders do not promise.</param>
    public PercpuArrowAllocator(bool clear = true)
        : base(DefaultAlignment)
    {
        _clear = clear;
        _pools = new SlabPool[LargestBits - SmallestBits + 1];
        for (int i = 0; i < _pools.Length; i++)
        {
            int size = 1 << (SmallestBits + i);
            _pools[i] = new SlabPool(new SlabPoolOptions { BlockSize = size, BlocksPerSlab = Math.Clamp(SlabBytes / size, FewestBlocks, MostBlocks) });
        }
    }

    /// <summary>Bytes mapped for buffers in use and for free blocks.</summary>
    public long MappedBytes => _pools.Sum(pool => pool.MappedBytes) + _large.MappedBytes;

    /// <summary>Gives free slabs back, and those in use when their last buffer is disposed. For instance after a peak.</summary>
    /// <exception cref="OutOfMemoryException">No memory for the list of them; some may have been given back.</exception>
    public void RetireSlabs()
    {
        foreach (SlabPool pool in _pools)
            pool.RetireSlabs();
    }

    /// <summary>Refuses further allocations and retires all slabs. Never waits; buffers in use stay valid until disposed.</summary>
    public void Dispose()
    {
        _large.Close();
        foreach (SlabPool pool in _pools)
            pool.Dispose();
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The allocator was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory.</exception>
    protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
    {
        if (length > 1 << LargestBits)
        {
            bytesAllocated = length;
            return _large.Allocate(length); // Fresh from the operating system: zeros.
        }
        int bits = Math.Max(SmallestBits, BitOperations.Log2((uint)length - 1) + 1);
        bytesAllocated = 1 << bits;
        SlabRental rental = _pools[bits - SmallestBits].RentBlock();
        try
        {
            var block = new ArrowBlock(rental, length);
            if (_clear)
                block.Clear();
            return block;
        }
        catch
        {
            rental.Dispose();
            throw;
        }
    }
}
