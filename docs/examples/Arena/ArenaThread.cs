namespace Percpu.Examples.Arena;

/// <summary>What one thread needs to allocate: the region it fills. Not for two threads at once.</summary>
public sealed class ArenaThread : IDisposable
{
    private readonly ArenaAllocator _arena;
    private Region? _region;
    private bool _disposed;

    internal ArenaThread(ArenaAllocator arena) => _arena = arena;

    /// <summary>Allocates a block, aligned to 16 bytes, not cleared.</summary>
    /// <param name="bytes">1 to <see cref="ArenaAllocator.RegionBytes"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">This or the arena was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for another region.</exception>
    public ArenaBlock Allocate(int bytes)
    {
        if (_region is { } region && (uint)(bytes - 1) < (uint)region.Bytes && region.TryAllocate(bytes, out ArenaBlock block))
            return block;
        return AllocateInNewRegion(bytes);
    }

    /// <summary>Gives the current region up. Its blocks stay valid until they are freed.</summary>
    public void Dispose()
    {
        _disposed = true;
        _region?.Seal();
        _region = null;
    }

    private ArenaBlock AllocateInNewRegion(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _arena.RegionBytes);
        ObjectDisposedException.ThrowIf(_disposed, this);
        Region? full = _region;
        _region = null;
        full?.Seal();
        _region = _arena.TakeRegion();
        _region.TryAllocate(bytes, out ArenaBlock block); // Fits: the region is empty.
        return block;
    }
}
