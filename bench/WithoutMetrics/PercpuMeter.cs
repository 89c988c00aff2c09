namespace Percpu.Memory;

/// <summary>Nothing, where the library has its meter.</summary>
internal static class PercpuMeter
{
    internal static void Create()
    {
    }

    internal static long StartKill() => 0;

    internal static void Killed(long start, int count = 1)
    {
    }

    internal static void Released()
    {
    }

    internal static void Straggler()
    {
    }
}
