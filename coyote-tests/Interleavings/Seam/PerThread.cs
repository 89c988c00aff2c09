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
}
