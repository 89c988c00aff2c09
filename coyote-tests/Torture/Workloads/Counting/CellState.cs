namespace Percpu.Torture.Workloads.Counting;

/// <summary>What is known of a cell's reference, in the low two bits of its state; above them the generation.</summary>
internal static class CellState
{
    /// <summary>Revived or new. A kill by a thread that was delayed may be under way all the same.</summary>
    internal const long Live = 0;

    /// <summary>Somebody is about to kill, or kills.</summary>
    internal const long Killing = 1;

    /// <summary>A kill has returned and no revival has begun: no TryGetLive may succeed.</summary>
    internal const long Killed = 2;

    /// <summary>One thread is reviving or replacing the reference, under the next generation.</summary>
    internal const long Reviving = 3;

    internal static long Of(long state) => state & 3;

    internal static long With(long state, long kind) => (state & ~3L) | kind;

    internal static long NextGeneration(long state, long kind) => (state & ~3L) + 4 + kind;
}
