using Percpu.Torture.Parts;

namespace Percpu.Torture.Running;

/// <summary>A part of a run, with a process of its own.</summary>
/// <param name="Name">The workload, or <see cref="Litmus"/>.</param>
/// <param name="Mode">The kind of process.</param>
/// <param name="Share">Its part of the time, in proportion to the others.</param>
internal sealed record Segment(string Name, StageMode Mode, double Share)
{
    internal const string Litmus = "litmus";

    private const double MostLitmusSeconds = 20, LeastSeconds = 0.3;

    private static readonly Segment[] Everything =
    [
        new(Litmus, StageMode.Plain, 12),
        new("count", StageMode.Plain, 38),
        new("threads", StageMode.Plain, 20),
        new("epoch", StageMode.Plain, 16),
        new("mapped", StageMode.Plain, 12),
        new("pagemap", StageMode.Plain, 10),
        new("device", StageMode.Plain, 10),
        new("count", StageMode.FullFence, 5),
        new("epoch", StageMode.FullFence, 5),
        new("count", StageMode.NoMemory, 5),
    ];

    /// <summary>The segments that options ask for.</summary>
    internal static List<Segment> Choose(TortureOptions options) =>
    [
        .. Everything.Where(segment => segment.Mode != StageMode.NoMemory || options.Stripes != "cpu") // There no thread needs an area.
            .Where(segment => options.LitmusOnly
            ? segment.Name == Litmus
            : options.Workloads.Length == 0 || options.Workloads.Contains(segment.Name)),
    ];

    /// <summary>How long the first of some segments may take, if all of them must fit into the seconds that are left.
    /// Asked anew before each: on a busy machine starting a process takes long.</summary>
    internal static double SecondsOfFirst(ReadOnlySpan<Segment> segments, double left, double secondsPerStart)
    {
        double shares = 0;
        foreach (Segment segment in segments)
            shares += segment.Share;
        double seconds = (left - segments.Length * secondsPerStart) * segments[0].Share / shares;
        if (segments[0].Name == Litmus && segments.Length > 1)
            seconds = Math.Min(seconds, MostLitmusSeconds);
        return Math.Max(seconds, LeastSeconds);
    }
}
