namespace Percpu.Memory;

/// <summary>The checked version: collections happen when the scenario says so, and nobody is told.</summary>
internal static class CollectionWatch
{
    internal static void Start(Action collected)
    {
    }
}
