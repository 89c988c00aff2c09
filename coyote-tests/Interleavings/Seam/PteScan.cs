namespace Percpu.Memory;

/// <summary>The checked version: every entry of a run is a step of its own.</summary>
internal static unsafe class PteScan
{
    internal static int RunLength(long* entries, int count, long first, long ignored)
    {
        int i = 1; // The caller has just read the first.
        while (i < count && (Atomic.LoadAcquire(entries + i) | ignored) == (first | ignored) + i * 4096L)
            i++;
        return i;
    }
}
