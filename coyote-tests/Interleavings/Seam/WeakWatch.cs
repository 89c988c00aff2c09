using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: the garbage collector is an oracle, which lets go when the scenario says so.</summary>
internal struct WeakWatch
{
    private object? _watched;

    internal void Set(object watched) => _watched = watched;

    internal void Release() => _watched = null;

    internal readonly bool HasLetGo => ModelThread.Current.Execution.Collector.HasLetGo(_watched!);

    internal readonly object? Owner => HasLetGo ? null : _watched;

    internal static int Collections => ModelThread.Current.Execution.Collector.Collections;
}
