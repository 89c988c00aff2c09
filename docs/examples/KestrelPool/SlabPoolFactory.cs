using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Percpu.Buffers;

namespace Percpu.Examples.KestrelPool;

/// <summary>
/// Gives Kestrel its buffers from one <see cref="SlabPool"/>, and gives memory back after a burst: every few seconds it looks
/// how much has been idle since the last look, and retires the slabs if that is more than the server should keep.
/// </summary>
/// <remarks>The slabs are pinned arrays: Kestrel's sockets write buffers of several blocks as arrays, and fail with others.
/// A retirement does not wait for the blocks in use: their slabs go when these are returned.</remarks>
public sealed class SlabPoolFactory : IMemoryPoolFactory<byte>, IDisposable, IAsyncDisposable
{
    private readonly SlabPool _slabs = new(new SlabPoolOptions { PinnedArrays = true });
    private readonly long _keepBytes;
    private readonly Timer _timer;
    private long _idleBefore;

    /// <summary>Creates the factory and its pool.</summary>
    /// <param name="keepBytes">What may stay idle; default 4 MiB.</param>
    /// <param name="interval">How often to look; default 3 seconds. A burst's memory is back after two looks at most.</param>
    public SlabPoolFactory(long keepBytes = 4 << 20, TimeSpan? interval = null)
    {
        _keepBytes = keepBytes;
        TimeSpan every = interval ?? TimeSpan.FromSeconds(3);
        _timer = new Timer(static factory => ((SlabPoolFactory)factory!).Look(), this, every, every);
    }

    /// <summary>The pool behind all that was created.</summary>
    public SlabPool Slabs => _slabs;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new SharedPool(_slabs);

    /// <summary>Ends the pool. Its memory goes when the last block in use is returned.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _slabs.Dispose();
    }

    /// <summary>Ends the pool, and completes when all of its memory is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _slabs.DisposeAsync();
    }

    private void Look()
    {
        long idle = _slabs.IdleBytes;
        // Twice in a row: what one look finds idle may be in use again at once.
        if (Math.Min(idle, _idleBefore) > _keepBytes)
        {
            _slabs.RetireSlabs();
            idle = 0;
        }
        _idleBefore = idle;
    }

    /// <summary>What a host gets and disposes: the slabs are everybody's.</summary>
    private sealed class SharedPool(SlabPool slabs) : MemoryPool<byte>
    {
        private bool _disposed;

        public override int MaxBufferSize => slabs.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return slabs.Rent(minBufferSize);
        }

        protected override void Dispose(bool disposing) => _disposed = true;
    }
}
