using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Epochs;

/// <summary>A domain, the published block that its readers look at, and the books of what was retired.</summary>
internal sealed unsafe class World(int index, bool background)
{
    private nint _published;
    private long _retired;
    private long _reclaimed;
    private long _writers;

    internal int Index { get; } = index;

    internal bool Background { get; } = background;

    internal EpochDomain Domain { get; } = new(new EpochDomainOptions { BackgroundReclaim = background });

    internal Block Published => new((long*)Volatile.Read(ref _published));

    internal long Retired => Volatile.Read(ref _retired);

    internal long Reclaimed => Volatile.Read(ref _reclaimed);

    /// <summary>Writers that are at work on this world: it may be dropped when there are none.</summary>
    internal long Writers => Volatile.Read(ref _writers);

    /// <summary>Publishes a block, or none. Returns the one before, which is the caller's alone now.</summary>
    internal Block Exchange(Block block)
    {
        var before = new Block((long*)Interlocked.Exchange(ref _published, (nint)block.Address));
        if (!before.IsNull)
            before.Age = 1;
        return before;
    }

    internal void EnterWriter() => Interlocked.Increment(ref _writers);

    internal void ExitWriter() => Interlocked.Decrement(ref _writers);

    internal void CountRetired(long change) => Interlocked.Add(ref _retired, change);

    internal void CountReclaimed() => Interlocked.Increment(ref _reclaimed);
}
