using System.Diagnostics;

namespace Percpu.PinThroughput.Measuring;

/// <summary>One row to be: a subject with a number of threads, and its rounds so far.</summary>
internal sealed class Entry(Subject subject, Loop[] loops, int threads)
{
    private readonly List<double> _nanoseconds = [];
    private readonly List<double> _perSecond = [];

    internal Subject Subject { get; } = subject;

    internal int Threads { get; } = threads;

    /// <summary>Done in all rounds, by all threads.</summary>
    internal long Operations { get; private set; }

    /// <summary>Nanoseconds that one thread needed for one operation, round by round.</summary>
    internal IReadOnlyList<double> Rounds => _nanoseconds;

    internal double Nanoseconds => Statistics.Median(_nanoseconds);

    internal double OperationsPerSecond => Statistics.Median(_perSecond);

    internal void WarmUp(Workers workers, TimeSpan duration) => workers.Run(loops, Threads, Ticks(duration));

    internal void Measure(Workers workers, TimeSpan duration)
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
        Operations += (long)operations;
        _nanoseconds.Add(ticks / operations * 1e9 / Stopwatch.Frequency);
        _perSecond.Add(perSecond);
    }

    private static long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * Stopwatch.Frequency);
}
