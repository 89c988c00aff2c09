using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: within an iteration no slot gets a second owner, for the collector comes at any time.</summary>
internal struct WeakWatch
{
    private object? _watched;

    internal void Set(object watched) =>
        _watched = TestThread.Current.Iteration.IsControlled ? watched : new WeakReference(watched, trackResurrection: true);

    internal void Release() => _watched = null;

    internal readonly object? Owner => _watched is WeakReference weak ? weak.Target : _watched;

    internal readonly bool HasLetGo => _watched is WeakReference { Target: null };

    internal static int Collections => TestThread.Current.Iteration.IsControlled ? 0 : GC.CollectionCount(0);
}
