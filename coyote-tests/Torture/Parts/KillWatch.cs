namespace Percpu.Torture.Parts;

/// <summary>
/// Evidence, measured from outside, that a kill met gets: which threads said that they were taking a reference of the
/// place just before the kill, just after it, and whether it was one and the same get throughout: then that thread was
/// stopped inside it, between its two looks at the mode or close by.
/// </summary>
internal ref struct KillWatch
{
    private readonly Crew _crew;
    private readonly Span<long> _before;
    private readonly int _place;

    internal KillWatch(Crew crew, int place, Span<long> buffer)
    {
        _crew = crew;
        _place = place;
        _before = buffer;
        crew.CopyInside(buffer);
    }

    internal readonly void End(Member killer)
    {
        bool overlapped = false;
        for (int i = 0; i < _before.Length; i++)
        {
            long before = _before[i], after = _crew.InsideOf(i);
            if (Whereabouts.IsInside(before, _place) && before == after)
                killer.Count(Tallied.GetsInsideThroughoutKill);
            overlapped |= Whereabouts.IsInside(before, _place) || Whereabouts.IsInside(after, _place);
        }
        if (overlapped)
            killer.Count(Tallied.KillsThatOverlappedGets);
    }
}
