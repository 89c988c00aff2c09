namespace Percpu.Memory;

/// <summary>A conducted thread's own state.</summary>
internal static class PerThread
{
    internal static long Area
    {
        get => Conducted.Thread.Area;
        set => Conducted.Thread.Area = value;
    }

    internal static long ReaderArea
    {
        get => Conducted.Thread.ReaderArea;
        set => Conducted.Thread.ReaderArea = value;
    }

    internal static long Hazards
    {
        get => Conducted.Thread.Hazards;
        set => Conducted.Thread.Hazards = value;
    }

    internal static long SharedDomain
    {
        get => Conducted.Thread.SharedDomain;
        set => Conducted.Thread.SharedDomain = value;
    }

    internal static long SharedDepth
    {
        get => Conducted.Thread.SharedDepth;
        set => Conducted.Thread.SharedDepth = value;
    }
}
