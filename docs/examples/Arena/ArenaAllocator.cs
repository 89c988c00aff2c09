namespace Percpu.Examples.Arena;

/// <summary>
/// An arena allocator as a storage engine might have one: threads cut blocks off the end of regions of native memory;
/// any thread frees any block; a region is used again when its last block is gone. Freeing is exact and costs a put, and
/// an address can be looked up while regions come and go.
/// </summary>
/// <remarks>
/// What to learn from it for an allocator of your own:
/// <list type="bullet">
/// <item>one <see cref="PercpuRef"/> per region, not per block: a block is one count of its region's;</item>
/// <item>a full region is killed: from then on its last block's free is noticed, wherever it happens;</item>
/// <item>what readers find without holding a count (the directory) is read inside an <see cref="EpochDomain"/> section,
/// and a region is recycled only after a grace period;</item>
/// <item>no thread of the library and no static state: the domain has no background thread, the host calls
/// <see cref="Reclaim"/>, and what belongs to a thread is an object that the host keeps.</item>
/// </list>
/// </remarks>
public sealed class ArenaAllocator : IDisposable
{
    private readonly Lock _lock = new();
    private readonly EpochDomain _domain = new(new EpochDomainOptions { BackgroundReclaim = false });
    private readonly Stack<Region> _free = [];
    private Region[] _directory = []; // Replaced as a whole under the lock; read without it.
    private int _regionsAlive;
    private bool _disposed;

    /// <summary>Creates an arena without regions.</summary>
    /// <param name="regionBytes">Bytes of a region, the largest block: 4,096 to 2^30.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="regionBytes"/> is out of range.</exception>
    public ArenaAllocator(int regionBytes = 1 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(regionBytes, 4096);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(regionBytes, 1 << 30);
        RegionBytes = regionBytes;
    }

    /// <summary>Bytes of a region.</summary>
    public int RegionBytes { get; }

    /// <summary>Bytes taken from the operating system.</summary>
    public long MappedBytes => (long)Volatile.Read(ref _regionsAlive) * RegionBytes;

    /// <summary>What one thread needs to allocate. The host keeps it where it keeps its own per-thread things.</summary>
    public ArenaThread Attach() => new(this);

    /// <summary>Recycles the regions whose grace period has elapsed. The host calls it now and then, on any thread; the
    /// arena itself does when it needs a region.</summary>
    /// <returns>How many.</returns>
    public int Reclaim() => _domain.Reclaim();

    /// <summary>Takes one more count on the block's region, given only an address inside a block that somebody holds.</summary>
    /// <param name="address">Any address.</param>
    /// <param name="hold">The region from the address on; freeing it drops the count.</param>
    /// <returns>False if the address lies in no region with a block in use.</returns>
    public bool TryHold(nint address, out ArenaBlock hold)
    {
        // A region that is found here cannot be recycled before the section is left: the count is taken in between.
        using EpochReader section = _domain.Enter();
        foreach (Region region in Volatile.Read(ref _directory))
        {
            if (region.Contains(address) && region.Reference.TryGet())
            {
                hold = new ArenaBlock(region, address, (int)(region.End - address));
                return true;
            }
        }
        hold = default;
        return false;
    }

    /// <summary>Refuses new regions. Those with blocks in use are freed with the last of them; call <see cref="Reclaim"/> after.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            while (_free.TryPop(out Region? region))
                Free(region);
        }
        Reclaim();
    }

    /// <summary>A region for a thread: live, empty, in the directory.</summary>
    internal Region TakeRegion()
    {
        Reclaim();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_free.TryPop(out Region? region))
                region = CreateRegion();
            else
                region.Revive();
            Volatile.Write(ref _directory, [.. _directory, region]);
            return region;
        }
    }

    /// <summary>The release callback of a region: its last block was freed, on whatever thread.</summary>
    internal void OnReleased(Region region)
    {
        lock (_lock)
            Volatile.Write(ref _directory, [.. _directory.Where(each => !ReferenceEquals(each, region))]);
        // Unlinked: nobody finds it any more. Those who found it before are inside a section; wait them out, then recycle.
        _domain.Retire(region, static gone => gone.Owner.Recycle(gone));
    }

    private void Recycle(Region region)
    {
        lock (_lock)
        {
            if (_disposed)
                Free(region);
            else
                _free.Push(region);
        }
    }

    private Region CreateRegion()
    {
        var region = new Region(this);
        _regionsAlive++;
        return region;
    }

    private void Free(Region region)
    {
        region.FreeMemory();
        _regionsAlive--;
    }
}
