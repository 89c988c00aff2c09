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

    /// <summary>Every thread has one from the beginning. Set-up code is thread -1, and 0 is none.</summary>
    internal static long Mark => ModelThread.Current.Id + 2;
}
