#pragma warning disable RS0030 // The seam.
namespace Percpu.Buffers;

/// <summary>This thread's cache of each pool, by the pool's number.</summary>
internal static class ThreadCaches
{
    private static readonly Stack<int> FreeNumbers = [];
    private static int s_numbers;

    /// <summary>Null until this thread has used a pool.</summary>
    [ThreadStatic]
    internal static SlabCache[]? Caches;

    /// <summary>A number for a new pool; small, as it is an index.</summary>
    internal static int TakeNumber()
    {
        lock (FreeNumbers)
            return FreeNumbers.TryPop(out int number) ? number : s_numbers++;
    }

    /// <summary>A disposed pool's number, for another pool. Threads may still have the old one's caches under it.</summary>
    internal static void GiveNumber(int number)
    {
        lock (FreeNumbers)
            FreeNumbers.Push(number);
    }
}
