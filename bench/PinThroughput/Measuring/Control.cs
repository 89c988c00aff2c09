using System.Diagnostics;

namespace Percpu.PinThroughput.Measuring;

/// <summary>Looks before and after each round whether the cores were ours alone, and says afterwards which rounds count.</summary>
internal sealed class Control(Workers workers, int threads)
{
    /// <summary>How much longer than usual the adds may take beside a round. A hardware thread that is busy beside ours costs more.</summary>
    private const double Tolerance = 1.06;

    private readonly Loop[] _loops = [.. Enumerable.Range(0, threads).Select(_ => new ControlLoop())];
    private readonly Dictionary<int, List<double>> _seen = [];

    /// <summary>The nanoseconds of a turn of the loop on the slowest of so many cores, all of them at once.</summary>
    internal double Look(int count)
    {
        double slowest = 0;
        foreach (Tally tally in workers.Run(_loops, count, 0))
            slowest = Math.Max(slowest, tally.Ticks * 1e9 / Stopwatch.Frequency / tally.Operations);
        if (!_seen.TryGetValue(count, out List<double>? seen))
            _seen.Add(count, seen = []);
        seen.Add(slowest);
        return slowest;
    }

    /// <summary>The most that a round of so many threads may show. Usual is what a quarter of all looks did not exceed: the least
    /// of all may be a moment of a faster clock.</summary>
    internal double LimitOf(int count) => _seen.TryGetValue(count, out List<double>? seen) ? LimitOf(seen) : double.PositiveInfinity;

    /// <summary>The same of the figures of several processes.</summary>
    internal static double LimitOf(IReadOnlyList<double> seen) => Tolerance * Statistics.Quantile(seen, 0.25);
}
