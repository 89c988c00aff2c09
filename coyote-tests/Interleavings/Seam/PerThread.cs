using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: a model thread's own state.</summary>
internal static class PerThread
{
    internal static long Area
    {
        get => ModelThread.Current.Area;
        set => ModelThread.Current.Area = value;
    }

    internal static long ReaderArea
    {
        get => ModelThread.Current.ReaderArea;
        set => ModelThread.Current.ReaderArea = value;
    }

    internal static long Hazards
    {
        get => ModelThread.Current.Hazards;
        set => ModelThread.Current.Hazards = value;
    }

    internal static long SharedDomain
    {
        get => ModelThread.Current.SharedDomain;
        set => ModelThread.Current.SharedDomain = value;
    }

    internal static long SharedDepth
    {
        get => ModelThread.Current.SharedDepth;
        set => ModelThread.Current.SharedDepth = value;
    }
}
