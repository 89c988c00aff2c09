namespace Percpu.PinThroughput.Measuring;

/// <summary>One row to be: a subject with a number of threads, and its rounds so far.</summary>
internal abstract class Entry(Subject subject, int threads)
{
    private readonly List<double> _nanoseconds = [];
    private readonly List<double> _perSecond = [];

    internal Subject Subject { get; } = subject;

    internal int Threads { get; } = threads;

    /// <summary>Done in all rounds, by all threads; counted where the threads are those of this process.</summary>
    internal long Operations { get; private protected set; }

    /// <summary>Nanoseconds that one thread needed for one operation, round by round.</summary>
    internal IReadOnlyList<double> Rounds => _nanoseconds;

    internal double Nanoseconds => Statistics.Median(_nanoseconds);

    internal double OperationsPerSecond => Statistics.Median(_perSecond);

    /// <summary>How long single operations took; null where only many together are timed.</summary>
    internal virtual LatencyHistogram? Latency => null;

    /// <summary>The memory that one reference takes, in bytes; null where it is not measured.</summary>
    internal virtual double? BytesPerReference => null;

    /// <summary>Whether the threads that measure are those of this process.</summary>
    internal virtual bool RunsHere => true;

    internal abstract void WarmUp(Workers workers, TimeSpan duration);

    internal void Measure(Workers workers, TimeSpan duration)
    {
        (double nanoseconds, double perSecond) = RunRound(workers, duration);
        _nanoseconds.Add(nanoseconds);
        _perSecond.Add(perSecond);
    }

    /// <summary>Runs a round. Returns one thread's nanoseconds for an operation, and the operations per second of all.</summary>
    protected abstract (double Nanoseconds, double PerSecond) RunRound(Workers workers, TimeSpan duration);
}
