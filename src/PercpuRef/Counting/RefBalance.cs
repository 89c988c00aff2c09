using Percpu.Memory;

namespace Percpu;

/// <summary>What a reference leaves in its words for the next one on its slot: a shared count that its stripes balance.</summary>
/// <remarks>After a release the stripes sum to exactly the negative of the count, so the next reference starts as from a reinit.</remarks>
internal sealed unsafe class RefBalance : SlotBalance
{
    internal static readonly RefBalance Instance = new();

    internal override bool IsKnown(long* words)
    {
        var reference = (RefWords*)words;
        return (Atomic.LoadAcquire(&reference->Central) & CountWord.Released) != 0
            && (Atomic.LoadAcquire(&reference->State) & RefWords.Unbalanced) == 0;
    }

    internal override void Store(long* words, long sum)
    {
        var reference = (RefWords*)words;
        Atomic.StoreRelease(&reference->Central, CountWord.FromCount(-sum) | CountWord.Released);
        Atomic.StoreRelease(&reference->State, 0);
    }

    internal override DroppedOwner? Examine(long* words, long sum)
    {
        long central = Atomic.LoadAcquire(&((RefWords*)words)->Central);
        return (central & CountWord.Released) != 0
            ? null
            : new DroppedOwner((central & CountWord.Dead) != 0, CountWord.ToCount(CountWord.Count(central) + CountWord.FromCount(sum)));
    }

    internal override long* HazardOf(long* words) =>
        (Atomic.LoadAcquire(&((RefWords*)words)->State) & RefWords.CanBeAnnounced) != 0 ? words : null;
}
