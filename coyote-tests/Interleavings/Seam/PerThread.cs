using Percpu.Interleavings;
using Percpu.Interleavings.Running;

namespace Percpu.Memory;

/// <summary>The checked version: a model thread's own state.</summary>
internal static class PerThread
{
    internal static long Area
    {
        get => ModelThread.Current.Own.Area;
        set => ModelThread.Current.Own.Area = value;
    }

    internal static long ReaderArea
    {
        get => ModelThread.Current.Own.ReaderArea;
        set => ModelThread.Current.Own.ReaderArea = value;
    }

    internal static long Hazards
    {
        get => ModelThread.Current.Own.Hazards;
        set => ModelThread.Current.Own.Hazards = value;
    }

    internal static long SharedDomain
    {
        get => ModelThread.Current.Own.SharedDomain;
        set => ModelThread.Current.Own.SharedDomain = value;
    }

    internal static long SharedDepth
    {
        get => ModelThread.Current.Own.SharedDepth;
        set => ModelThread.Current.Own.SharedDepth = value;
    }
}
