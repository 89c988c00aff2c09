using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// Anonymous memory outside the garbage collector's heap: zeroed, page-aligned, readable and writable, pinned and
/// disposed like a <see cref="MappedFile"/>.
/// </summary>
/// <remarks>Memory stands behind a page from its first touch on. Thread-safety: every member may be called from any
/// thread at any time.</remarks>
public sealed unsafe class NativeSlab : MappedMemory
{
    private NativeSlab(byte* address, long length)
        : base(address, length, isWritable: true, CreateRelease((nint)address, length))
    {
    }

    private protected override string Description => "native slab";

    private protected override void ReportDrop() => PercpuEventSource.Log.NativeSlabDropped(Length);

    /// <summary>Takes memory from the operating system.</summary>
    /// <param name="length">Number of bytes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is below 1.</exception>
    /// <exception cref="OutOfMemoryException">No address space or memory (<see cref="InsufficientMemoryException"/>).</exception>
    public static NativeSlab Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        long address = NativeBlocks.Reserve(length);
        if (address == 0)
            throw new InsufficientMemoryException($"No address space for a slab of {length} bytes.");
        try
        {
            if (!NativeBlocks.Commit(address, length))
                throw new InsufficientMemoryException($"No memory for a slab of {length} bytes.");
            return new NativeSlab((byte*)address, length);
        }
        catch
        {
            NativeBlocks.Release(address, length);
            throw;
        }
    }

    private static Action<PercpuRef> CreateRelease(nint address, long length) => _ => NativeBlocks.Release(address, length);
}
