using System.Diagnostics;

namespace Percpu.PinThroughput.Measuring;

/// <summary>The distribution of the time of single operations over all rounds, in nanoseconds.</summary>
/// <param name="Count">Operations timed.</param>
/// <param name="Max">The longest.</param>
/// <param name="Quantiles">What a part of all did not exceed; as far out as ten operations lie beyond.</param>
internal sealed record Latency(long Count, double Max, IReadOnlyList<LatencyQuantile> Quantiles)
{
    private static readonly double[] Parts = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 0.99999];

    /// <summary>The time that a part of all did not exceed; null if too few were timed to say.</summary>
    internal double? At(double part) => Quantiles.FirstOrDefault(quantile => Math.Abs(quantile.Part - part) < 1e-9)?.Nanoseconds;

    internal static Latency Of(LatencyHistogram histogram) => new(
        histogram.Count,
        Nanoseconds(histogram.Max),
        [.. Parts.Where(part => (1 - part) * histogram.Count >= 10).Select(part => new LatencyQuantile(part, Nanoseconds(histogram.Quantile(part))))]);

    private static double Nanoseconds(long ticks) => Math.Round(ticks * 1e9 / Stopwatch.Frequency, 1);
}

/// <summary>One point of a distribution.</summary>
internal sealed record LatencyQuantile(double Part, double Nanoseconds);
