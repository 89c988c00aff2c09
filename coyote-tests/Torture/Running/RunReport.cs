using Percpu.Running;

namespace Percpu.Torture.Running;

/// <summary>The whole run, as it is written to the JSON file.</summary>
internal sealed record RunReport
{
    public required string Command { get; init; }

    public required Verdict Verdict { get; set; }

    public int ExitCode => (int)Verdict;

    public required ulong Seed { get; init; }

    public required double Seconds { get; init; }

    public required DateTime Started { get; init; }

    public required Host Host { get; init; }

    /// <summary>Over all segments: the figures to compare runs by.</summary>
    public long Gets => Segments.Sum(segment => Sum(segment, "gets", "sections", "pins", "lookups", "cachedGets"));

    public long Kills => Segments.Sum(segment => Sum(segment, "kills", "swaps"));

    public List<SegmentReport> Segments { get; init; } = [];

    private static long Sum(SegmentReport segment, params ReadOnlySpan<string> counters)
    {
        long sum = 0;
        foreach (string counter in counters)
            sum += segment.Counters.GetValueOrDefault(counter);
        return sum;
    }
}
