namespace Percpu.Memory;

/// <summary>Nobody is told of collections: they come when a scenario says so, or at any time.</summary>
internal static class CollectionWatch
{
    internal static void Start(Action collected)
    {
    }
}
