namespace Percpu;

/// <summary>Something to reclaim after a grace period: a node of a domain's list.</summary>
internal abstract class Retired
{
    /// <summary>What stands in the list of a disposed domain: nothing can be added.</summary>
    internal static readonly Retired Closed = new RetiredState<int>(0, static _ => { });

    internal Retired? Next { get; set; }

    internal abstract void Reclaim();

    /// <summary>Turns a newest-first list around.</summary>
    internal static Retired Reverse(Retired newest)
    {
        Retired? oldestFirst = null;
        for (Retired? node = newest; node is not null;)
        {
            Retired? older = node.Next;
            node.Next = oldestFirst;
            oldestFirst = node;
            node = older;
        }
        return oldestFirst!;
    }
}
