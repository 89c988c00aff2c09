namespace Percpu.Memory;

/// <summary>An execution is not unloaded, nor is a test assembly.</summary>
internal static class LoadContext
{
    internal static void OnUnloading(Action action)
    {
    }

    internal static object? AtEnd(Action action) => null;
}
