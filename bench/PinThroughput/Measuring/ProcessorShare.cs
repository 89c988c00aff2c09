using System.Diagnostics;

namespace Percpu.PinThroughput.Measuring;

/// <summary>Adds up how much processor time the measuring threads got, and how much an idle machine would have given.</summary>
internal sealed class ProcessorShare
{
    /// <summary>Below this the run says that it is not reliable.</summary>
    internal const double Reliable = 0.95;

    private TimeSpan _wanted;
    private TimeSpan _got;

    internal double Value => _wanted == TimeSpan.Zero ? 1 : Math.Round(Math.Min(1, _got / _wanted), 3);

    /// <summary>Measures a round of an entry. Rounds in another process do not count: its processor time is not known so
    /// precisely, and what disturbs them disturbs the rounds between them too.</summary>
    internal void Measure(Entry entry, Workers workers, TimeSpan duration)
    {
        if (!entry.RunsHere)
        {
            entry.Measure(workers, duration);
            return;
        }
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        entry.Measure(workers, duration);
        _wanted += Stopwatch.GetElapsedTime(start) * Math.Min(entry.Threads, Environment.ProcessorCount);
        _got += Environment.CpuUsage.TotalTime - before;
    }
}
