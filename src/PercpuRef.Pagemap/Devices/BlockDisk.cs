using System.Numerics;

namespace Percpu.Pagemap;

/// <summary>A disk: sectors that are read and written through a request queue.</summary>
/// <remarks>Kernel: <c>struct gendisk</c>. Thread-safety: every member, from any thread.</remarks>
public abstract class BlockDisk
{
    private readonly int _shift; // Of a sector, or -1 where its size is no power of two. A division would be felt at each sector.

    private protected BlockDisk(string name, RequestQueue queue, long length, int sectorSize)
    {
        Name = name;
        Queue = queue;
        queue.Name ??= name;
        Length = length;
        SectorSize = sectorSize;
        _shift = BitOperations.IsPow2(sectorSize) ? BitOperations.Log2((uint)sectorSize) : -1;
    }

    /// <summary>For messages. Kernel: <c>disk_name</c>.</summary>
    public string Name { get; }

    /// <summary>The gate of its I/O.</summary>
    public RequestQueue Queue { get; }

    /// <summary>Size in bytes. Kernel: <c>set_capacity</c>.</summary>
    public long Length { get; }

    /// <summary>Offsets and lengths are multiples of it.</summary>
    public int SectorSize { get; }

    /// <summary>What a writer should align to. Kernel: <c>blk_queue_physical_block_size</c>.</summary>
    public int PhysicalBlockSize { get; } = 1 << Pfn.PageShift;

    /// <summary>Always true. Kernel: <c>QUEUE_FLAG_NONROT</c>.</summary>
    public bool IsNonRotational { get; } = true;

    /// <summary>Reads sectors.</summary>
    /// <param name="offset">First byte, a multiple of <see cref="SectorSize"/>.</param>
    /// <param name="destination">Filled; its length is a multiple of the sector size. May be empty.</param>
    /// <exception cref="ArgumentException">Offset or length is not a multiple of the sector size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the disk.</exception>
    /// <exception cref="ObjectDisposedException">The disk is going away.</exception>
    /// <exception cref="IOException">The medium failed.</exception>
    /// <remarks>Waits while the queue is frozen.</remarks>
    public void Read(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length, nameof(destination));
        Queue.Enter();
        try
        {
            ReadCore(offset, destination);
        }
        finally
        {
            Queue.Exit();
        }
    }

    /// <summary>Reads sectors as <see cref="Read"/> does, unless the queue is frozen.</summary>
    /// <returns>False while frozen: nothing was read.</returns>
    /// <inheritdoc cref="Read"/>
    public bool TryRead(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length, nameof(destination));
        if (!Queue.TryEnter())
            return false;
        try
        {
            ReadCore(offset, destination);
            return true;
        }
        finally
        {
            Queue.Exit();
        }
    }

    /// <summary>Writes sectors.</summary>
    /// <param name="offset">First byte, a multiple of <see cref="SectorSize"/>.</param>
    /// <param name="source">A multiple of the sector size. May be empty.</param>
    /// <exception cref="ArgumentException">Offset or length is not a multiple of the sector size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the disk.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The disk is going away.</exception>
    /// <exception cref="DiskFullException">The disk under the medium is full. What was written before stays.</exception>
    /// <exception cref="IOException">The medium failed.</exception>
    /// <remarks>Waits while the queue is frozen.</remarks>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Check(offset, source.Length, nameof(source));
        Queue.Enter();
        try
        {
            WriteCore(offset, source);
        }
        finally
        {
            Queue.Exit();
        }
    }

    /// <summary>Brings everything written to the medium.</summary>
    /// <exception cref="ObjectDisposedException">The disk is going away.</exception>
    /// <exception cref="IOException">The medium failed.</exception>
    public void Flush()
    {
        Queue.Enter();
        try
        {
            FlushCore();
        }
        finally
        {
            Queue.Exit();
        }
    }

    /// <summary>The disk is gone, its memory still there: page tables forget it. Kernel: <c>unmap_mapping_range</c>.</summary>
    internal virtual void Forget()
    {
    }

    private protected abstract void ReadCore(long offset, Span<byte> destination);

    private protected abstract void WriteCore(long offset, ReadOnlySpan<byte> source);

    private protected abstract void FlushCore();

    private protected void Check(long offset, long length, string span)
    {
        if (!IsWhole(offset))
            throw new ArgumentException($"The offset {offset} is not a multiple of {SectorSize} bytes, the size of a sector.", nameof(offset));
        if (!IsWhole(length))
            throw new ArgumentException($"{length} bytes are not a multiple of {SectorSize} bytes, the size of a sector.", span);
        if (offset < 0 || offset > Length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The disk has {Length} bytes.");
        if (length > Length - offset)
            throw new ArgumentOutOfRangeException(span, length, $"The disk has {Length} bytes, {Length - offset} of them from {offset} on.");
    }

    /// <summary>The sector that begins at an offset.</summary>
    private protected long SectorAt(long offset) => _shift >= 0 ? offset >> _shift : offset / SectorSize;

    private bool IsWhole(long bytes) => (_shift >= 0 ? bytes & ((1L << _shift) - 1) : bytes % SectorSize) == 0;
}
