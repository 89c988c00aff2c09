namespace Percpu.PinThroughput.Measuring;

/// <summary>One thread's part of a subject. Always run on the same thread.</summary>
internal abstract class Loop
{
    /// <summary>Where it records single operations; null if it times many together.</summary>
    internal virtual LatencyHistogram? Latency => null;

    /// <summary>Runs for <paramref name="duration"/> Stopwatch ticks.</summary>
    /// <exception cref="CheckFailedException">An operation gave a wrong result.</exception>
    internal abstract Tally Run(long duration);
}
