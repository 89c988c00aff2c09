using Percpu.Interleavings.Model;

namespace Percpu.Buffers;

/// <summary>The checked version: a model thread's own caches. Every pool of an execution has another number.</summary>
internal static class ThreadCaches
{
    internal static SlabCache[]? Caches
    {
        get => ModelThread.Current.Caches;
        set => ModelThread.Current.Caches = value;
    }

    internal static int TakeNumber() => ModelThread.Current.Execution.PoolCount++;

    internal static void GiveNumber(int number)
    {
    }
}
