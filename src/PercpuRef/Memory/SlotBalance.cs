namespace Percpu.Memory;

/// <summary>What a layer knows about the stripes of a slot whose owner is gone: so a new owner starts from their sum
/// without a scan.</summary>
/// <remarks>Words that were never used are zero, as their stripes are.</remarks>
internal abstract unsafe class SlotBalance
{
    /// <summary>Whether the words, as the owner left them, tell the sum of the stripes.</summary>
    internal abstract bool IsKnown(long* words);

    /// <summary>Makes them tell a sum that was found by a scan.</summary>
    internal abstract void Store(long* words, long sum);

    /// <summary>Whether the owner was dropped too early, by its words and the sum of its stripes; null if not.</summary>
    internal abstract DroppedOwner? Examine(long* words, long sum);

    /// <summary>What the hazard pointers to these words hold, or null if there can be none.</summary>
    internal abstract long* HazardOf(long* words);
}
