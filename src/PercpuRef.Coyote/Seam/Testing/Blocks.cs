using System.Diagnostics.CodeAnalysis;

namespace Percpu.Testing;

/// <summary>All memory of one iteration, used and freed.</summary>
internal sealed class Blocks
{
    private readonly object _lock = new();
    private readonly List<Block> _all = [];
    private Block? _last;

    internal void Add(Block block)
    {
        lock (_lock)
            _all.Add(block);
    }

    internal bool TryFind(long address, [NotNullWhen(true)] out Block? block)
    {
        block = _last;
        if (block is not null && block.Contains(address))
            return true;
        lock (_lock)
        {
            // The latest first: addresses of the runtime's own heap are used again.
            block = _all.FindLast(candidate => candidate.Contains(address));
        }
        if (block is not null)
            _last = block;
        return block is not null;
    }

    /// <summary>A block that was written to after it had been freed, or null.</summary>
    internal Block? FindSpoilt()
    {
        lock (_lock)
            return _all.Find(static block => block.WasWrittenAfterwards);
    }

    internal void GiveBack()
    {
        lock (_lock)
        {
            _all.ForEach(static block => block.GiveBack());
            _all.Clear();
            _last = null;
        }
    }
}
