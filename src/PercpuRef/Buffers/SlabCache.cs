namespace Percpu.Buffers;

/// <summary>Free blocks of one pool that one thread keeps to itself: a stack.</summary>
internal sealed class SlabCache(SlabPool? pool)
{
    internal const int Capacity = 32;

    internal readonly SlabBlock?[] Blocks = new SlabBlock?[Capacity];
    internal int Count;

    /// <summary>What stands where a thread has no cache: never used, never changed.</summary>
    internal static SlabCache None { get; } = new(null);

    /// <summary>The pool it serves.</summary>
    internal SlabPool? Pool { get; } = pool;
}
