namespace Percpu.Pagemap;

/// <summary>A disk over persistent memory: sectors are copied, and its memory can be accessed directly.</summary>
/// <remarks>Kernel: the disk of <c>drivers/nvdimm/pmem.c</c>.</remarks>
public sealed unsafe partial class PmemDisk : BlockDisk
{
    private readonly PmemMedium _medium;
    private readonly PfnFlags _flags;
    private readonly long _dataOffset;

    internal PmemDisk(string name, RequestQueue queue, PmemMedium medium, long dataOffset, long length, PfnFlags flags)
        : base(name, queue, length, 512)
    {
        _medium = medium;
        _dataOffset = dataOffset;
        _flags = flags;
    }

    /// <summary>Gives the memory behind an offset, held open until the result is disposed.</summary>
    /// <param name="offset">A multiple of the page size.</param>
    /// <exception cref="ArgumentException">The offset is not a multiple of the page size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the disk.</exception>
    /// <exception cref="ObjectDisposedException">The disk is going away.</exception>
    /// <remarks>Stores bypass the check for a full disk unless <see cref="Prepare"/> was called. Kernel: <c>pmem_direct_access</c>.</remarks>
    public DirectMapping DirectAccess(long offset)
    {
        if ((offset & ((1 << Pfn.PageShift) - 1)) != 0)
            throw new ArgumentException($"Offset {offset} must be a multiple of the page size.", nameof(offset));
        if (offset < 0 || offset >= Length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The disk has {Length} bytes.");
        Queue.Enter();
        long at = _dataOffset + offset;
        return new DirectMapping(Queue, _medium.Address + at, Length - offset, new Pfn(_medium.First.Value + (ulong)(at >> Pfn.PageShift)), _flags);
    }

    /// <summary>Makes sure the medium has room for a part, so that storing to it directly cannot meet a full disk.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the disk.</exception>
    /// <exception cref="DiskFullException">The disk under the medium is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The disk is going away.</exception>
    public void Prepare(long offset, long length)
    {
        if (offset < 0 || length < 0 || length > Length - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The disk has {Length} bytes.");
        Queue.Enter();
        try
        {
            _medium.Prepare(_dataOffset + offset, length);
        }
        finally
        {
            Queue.Exit();
        }
    }

    private protected override void ReadCore(long offset, Span<byte> destination) => _medium.Read(_dataOffset + offset, destination);

    private protected override void WriteCore(long offset, ReadOnlySpan<byte> source) => _medium.Write(_dataOffset + offset, source);

    private protected override void FlushCore() => _medium.Flush(0, _medium.Length);
}
