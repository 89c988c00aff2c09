namespace Percpu.Memory;

/// <summary>The seam over Coyote: threads' stripes only. A section of stripes per CPU is one step, in which Coyote has nothing to
/// schedule; the explorer of this project checks those.</summary>
internal static unsafe class PerCpu
{
    internal static bool InUse => false;

    internal static bool IsInlined => false;

    internal static string Reason => "Tests under Coyote count by thread.";

    internal static int Count => 0;

    internal static long RestartCount => 0;

    internal static bool TryAdd(long* mode, long count) => false;

    internal static void SetArea(int index, long area)
    {
    }

    internal static void Fence()
    {
    }
}
