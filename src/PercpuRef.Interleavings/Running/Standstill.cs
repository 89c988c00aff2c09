namespace Percpu.Interleavings.Running;

/// <summary>Tells by looks at a count, at equal intervals, that it stands still.</summary>
/// <remarks>Looks are counted, and not timed: a machine that stands still stands still for the watcher, too.</remarks>
internal struct Standstill
{
    /// <summary>So many looks at the same count, after the first, are a stall.</summary>
    internal const int MostLooks = 60;

    private long _progress;
    private int _looks;

    /// <summary>One more look.</summary>
    internal bool IsStalled(long progress)
    {
        if (progress != _progress)
        {
            _progress = progress;
            _looks = 0;
            return false;
        }
        return ++_looks >= MostLooks;
    }
}
