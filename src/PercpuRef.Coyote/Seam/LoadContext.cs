namespace Percpu.Memory;

/// <summary>The seam over Coyote: test assemblies stay.</summary>
internal static class LoadContext
{
    internal static void OnUnloading(Action action)
    {
    }

    internal static object? AtEnd(Action action) => null;
}
