namespace Percpu;

/// <summary>Something to reclaim after a grace period: a node of a domain's list.</summary>
internal abstract class Retired
{
    /// <summary>What stands in the list of a disposed domain: nothing can be added.</summary>
    internal static readonly Retired Closed = new RetiredState<int>(0, static _ => { });

    internal Retired? Next { get; set; }

    /// <summary>How many nodes the list has from this one on. Belongs, like the link, to whoever has the list; once others
    /// may look at it, it does not change.</summary>
    internal long Length { get; private set; } = 1;

    internal abstract void Reclaim();

    internal void LinkTo(Retired? next)
    {
        Next = next;
        Length = (next?.Length ?? 0) + 1;
    }

    /// <summary>Turns a newest-first list around.</summary>
    internal static Retired Reverse(Retired newest)
    {
        Retired? oldestFirst = null;
        for (Retired? node = newest; node is not null;)
        {
            Retired? older = node.Next;
            node.LinkTo(oldestFirst);
            oldestFirst = node;
            node = older;
        }
        return oldestFirst!;
    }
}
