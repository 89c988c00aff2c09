namespace Percpu.Memory;

/// <summary>The seam over Coyote: nobody is told of collections, which come at any time.</summary>
internal static class CollectionWatch
{
    internal static void Start(Action collected)
    {
    }
}
