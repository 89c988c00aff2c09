namespace Percpu.Memory;

/// <summary>The checked version: an execution is not unloaded.</summary>
internal static class LoadContext
{
    internal static void OnUnloading(Action action)
    {
    }

    internal static object? AtEnd(Action action) => null;
}
