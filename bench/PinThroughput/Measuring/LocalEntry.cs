using System.Diagnostics;

namespace Percpu.PinThroughput.Measuring;

/// <summary>A subject whose loops run on threads of this process.</summary>
internal sealed class LocalEntry(Subject subject, Loop[] loops, int threads) : Entry(subject, threads)
{
    private readonly LatencyHistogram? _latency = loops.Any(loop => loop.Latency is not null) ? new LatencyHistogram() : null;

    internal override LatencyHistogram? Latency => _latency;

    internal override void WarmUp(Workers workers, TimeSpan duration)
    {
        workers.Run(loops, Threads, Ticks(duration));
        TakeLatencies(into: null);
    }

    protected override (double Nanoseconds, double PerSecond) RunRound(Workers workers, TimeSpan duration)
    {
        double operations = 0, ticks = 0, perSecond = 0;
        foreach (Tally tally in workers.Run(loops, Threads, Ticks(duration)))
        {
            if (tally.AllocatedBytes != 0 && !Subject.MayAllocate)
                throw new CheckFailedException($"{Subject.Id}: {tally.Operations} operations allocated {tally.AllocatedBytes} bytes.");
            if (tally.Operations == 0)
                continue;
            operations += tally.Operations;
            ticks += tally.Ticks;
            perSecond += tally.Operations * (double)Stopwatch.Frequency / tally.Ticks;
        }
        TakeLatencies(_latency);
        Operations += (long)operations;
        return (ticks / operations * 1e9 / Stopwatch.Frequency, perSecond);
    }

    /// <summary>The loops serve entries with other numbers of threads too: what they recorded is taken away after each run.</summary>
    private void TakeLatencies(LatencyHistogram? into)
    {
        foreach (Loop loop in loops)
        {
            if (loop.Latency is not { } latency)
                continue;
            into?.Add(latency);
            latency.Clear();
        }
    }

    private static long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * Stopwatch.Frequency);
}
