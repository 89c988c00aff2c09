using System.Buffers;
using System.Collections.Concurrent;
using Percpu.Buffers;

namespace Percpu.Arrow;

/// <summary>Buffers that are mapped one by one.</summary>
internal sealed class LargeBlocks
{
    private readonly ConcurrentDictionary<LargeBlock, int> _live = new();
    private bool _closed;

    internal long MappedBytes => _live.Sum(block => (long)block.Value);

    internal void Close() => _closed = true;

    internal IMemoryOwner<byte> Allocate(int length)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(PercpuArrowAllocator));
        var block = new LargeBlock(this, NativeSlab.Allocate(length), length);
        _live[block] = length;
        return block;
    }

    /// <summary>A buffer that is a slab.</summary>
    private sealed class LargeBlock : IMemoryOwner<byte>
    {
        private readonly LargeBlocks _blocks;
        private readonly NativeSlab _slab;
        private readonly MappedMemoryManager _manager;

        internal LargeBlock(LargeBlocks blocks, NativeSlab slab, int length)
        {
            _blocks = blocks;
            _slab = slab;
            try
            {
                _manager = slab.Own(0, length);
            }
            catch
            {
                slab.Dispose();
                throw;
            }
        }

        public Memory<byte> Memory => _manager.Memory;

        public void Dispose()
        {
            ((IDisposable)_manager).Dispose();
            _slab.Dispose(); // Unmapped here, unless somebody pins its memory.
            _blocks._live.TryRemove(this, out _);
        }
    }
}
