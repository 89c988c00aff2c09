namespace Percpu.PinThroughput.Measuring;

/// <summary>One row to be: a subject with a number of threads, and its rounds so far.</summary>
internal abstract class Entry(Subject subject, int threads)
{
    private readonly List<double> _nanoseconds = [];
    private readonly List<double> _perSecond = [];
    private readonly List<double> _controls = [];

    internal Subject Subject { get; } = subject;

    internal int Threads { get; } = threads;

    /// <summary>Done in all rounds, by all threads; counted where the threads are those of this process.</summary>
    internal long Operations { get; private protected set; }

    /// <summary>Nanoseconds that one thread needed for one operation, round by round.</summary>
    internal IReadOnlyList<double> Rounds => _nanoseconds;

    internal double Nanoseconds => Statistics.Median(_nanoseconds);

    /// <summary>How long single operations took; null where only many together are timed.</summary>
    internal virtual LatencyHistogram? Latency => null;

    /// <summary>The memory that one reference takes, in bytes; null where it is not measured.</summary>
    internal virtual double? BytesPerReference => null;

    /// <summary>By how much each thread that uses the references makes the process grow, in bytes; null where it is not measured.</summary>
    internal virtual double? BytesPerThread => null;

    /// <summary>How many mappings all those threads add; null where it is not measured.</summary>
    internal virtual double? Mappings => null;

    /// <summary>Whether the threads that measure are those of this process.</summary>
    internal virtual bool RunsHere => true;

    internal abstract void WarmUp(Workers workers, TimeSpan duration);

    /// <summary>Operations per second of all threads, round by round.</summary>
    internal IReadOnlyList<double> Rates => _perSecond;

    /// <summary>What the <see cref="Control"/> showed beside each round; empty where it says nothing.</summary>
    internal IReadOnlyList<double> Controls => _controls;

    /// <summary>Whether the threads that measure stay on the cores that the <see cref="Control"/> looks at.</summary>
    internal virtual bool IsPinned => true;

    /// <summary>Why it cannot run here; null as far as is known.</summary>
    internal string? NotRun { get; private set; }

    internal void Measure(Workers workers, TimeSpan duration)
    {
        try
        {
            (double nanoseconds, double perSecond) = RunRound(workers, duration);
            _nanoseconds.Add(nanoseconds);
            _perSecond.Add(perSecond);
        }
        catch (NotAvailableException exception)
        {
            NotRun = exception.Message;
        }
    }

    /// <summary>Notes what the control showed beside the round that was just measured.</summary>
    internal void NoteControl(double control) => _controls.Add(control);

    /// <summary>Runs a round. Returns one thread's nanoseconds for an operation, and the operations per second of all.</summary>
    protected abstract (double Nanoseconds, double PerSecond) RunRound(Workers workers, TimeSpan duration);
}
