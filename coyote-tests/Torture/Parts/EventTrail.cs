using System.Diagnostics;
using System.Globalization;

namespace Percpu.Torture.Parts;

/// <summary>The last rare events of one thread (kills, revivals, hand-overs), for the report of a violation.</summary>
internal sealed class EventTrail
{
    private const int Kept = 32;

    private readonly (long Time, string What, long Place, long Detail)[] _events = new (long, string, long, long)[Kept];
    private int _next;

    internal void Note(string what, long place, long detail = 0)
    {
        _events[_next % Kept] = (Stopwatch.GetTimestamp(), what, place, detail);
        _next++;
    }

    /// <summary>The last events of several threads in the order of their time, newest last.</summary>
    internal static List<string> Merge(IEnumerable<Member> members, int count)
    {
        var all = new List<(long Time, string Line)>();
        foreach (Member member in members)
        {
            foreach ((long time, string what, long place, long detail) in member.Trail._events)
            {
                if (what is not null)
                    all.Add((time, string.Create(CultureInfo.InvariantCulture, $"{member}: {what} place {place} ({detail})")));
            }
        }
        all.Sort((a, b) => a.Time.CompareTo(b.Time));
        long last = all.Count == 0 ? 0 : all[^1].Time;
        return all.TakeLast(count)
            .Select(e => string.Create(CultureInfo.InvariantCulture, $"-{Stopwatch.GetElapsedTime(e.Time, last).TotalMicroseconds:F1} us {e.Line}"))
            .ToList();
    }
}
