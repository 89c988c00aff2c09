namespace Percpu.Pagemap;

/// <summary>A disk whose sector writes are atomic over a crash: afterwards a sector is wholly old or wholly new.</summary>
/// <remarks>
/// <para>What is on the medium is what Linux and libpmemblk write and read: see <c>docs/media.md</c>. A sector is its data and, of
/// sizes such as 4,104, the metadata behind them.</para>
/// <para>Every write is on the medium when it returns. Writers on different processors do not meet; readers wait for nobody.
/// Kernel: <c>struct btt</c>, <c>drivers/nvdimm/btt.c</c>.</para>
/// </remarks>
public sealed class BttDisk : BlockDisk
{
    private readonly BttStore _store;

    internal BttDisk(string name, RequestQueue queue, BttStore store)
        : base(name, queue, store.Sectors * store.SectorSize, store.SectorSize) => _store = store;

    /// <summary>Makes sectors read as zeros, without writing their data.</summary>
    /// <param name="offset">First byte, a multiple of <see cref="BlockDisk.SectorSize"/>.</param>
    /// <param name="length">A multiple of the sector size.</param>
    /// <exception cref="ArgumentException">Offset or length is not a multiple of the sector size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the disk.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The disk is going away.</exception>
    /// <exception cref="IOException">An arena must not be written, or the medium failed. Sectors before it are trimmed.</exception>
    /// <remarks>Waits while the queue is frozen. Each sector is old or zeros after a crash. libpmemblk: <c>pmemblk_set_zero</c>.</remarks>
    public void Trim(long offset, long length)
    {
        Check(offset, length, nameof(length));
        Queue.Enter();
        try
        {
            for (long sector = SectorAt(offset), end = SectorAt(offset + length); sector < end; sector++)
                _store.Trim(sector);
        }
        finally
        {
            Queue.Exit();
        }
    }

    private protected override void ReadCore(long offset, Span<byte> destination)
    {
        for (long sector = SectorAt(offset); !destination.IsEmpty; destination = destination[SectorSize..], sector++)
            _store.Read(sector, destination[..SectorSize]);
    }

    private protected override void WriteCore(long offset, ReadOnlySpan<byte> source)
    {
        for (long sector = SectorAt(offset); !source.IsEmpty; source = source[SectorSize..], sector++)
            _store.Write(sector, source[..SectorSize]);
    }

    private protected override void FlushCore()
    {
        // Each write has flushed its steps.
    }
}
