using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>One mapping from its beginning to its end, as the totals of the process see it. Does not hold the object that
/// users hold, so that a dropped one can be finalized.</summary>
internal sealed class MappedLife(Action<PercpuRef> unmap, long length) : IKillObserver
{
    private object? _retiredOrEnded;

    internal void Begin() => MappedTotals.AddMapped(length);

    /// <summary>Disposed or killed; pins may keep it mapped. Counted once, and not after the end.</summary>
    public void Killed()
    {
        if (Atomic.ExchangeReference(ref _retiredOrEnded, this) is null)
            MappedTotals.AddRetired(length);
    }

    /// <summary>The release callback: unmaps.</summary>
    internal void End(PercpuRef reference)
    {
        unmap(reference);
        MappedTotals.AddMapped(-length);
        if (Atomic.ExchangeReference(ref _retiredOrEnded, this) is not null)
            MappedTotals.AddRetired(-length);
    }
}
