using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: a thread's state in one iteration.</summary>
internal static class PerThread
{
    internal static long Area
    {
        get => TestThread.Current.Area;
        set => TestThread.Current.Area = value;
    }

    internal static long ReaderArea
    {
        get => TestThread.Current.ReaderArea;
        set => TestThread.Current.ReaderArea = value;
    }

    internal static long Hazards
    {
        get => TestThread.Current.Hazards;
        set => TestThread.Current.Hazards = value;
    }

    internal static long SharedDomain
    {
        get => TestThread.Current.SharedDomain;
        set => TestThread.Current.SharedDomain = value;
    }

    internal static long SharedDepth
    {
        get => TestThread.Current.SharedDepth;
        set => TestThread.Current.SharedDepth = value;
    }
}
