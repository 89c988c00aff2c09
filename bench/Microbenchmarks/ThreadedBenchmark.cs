using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>A benchmark that other threads disturb by doing the same: <see cref="Threads"/> run in all.</summary>
/// <remarks>BenchmarkDotNet times one thread. So a figure is what an operation costs that thread while the others run;
/// PinThroughput measures all of them together.</remarks>
public abstract class ThreadedBenchmark
{
    private Thread[] _others = [];
    private volatile bool _stopping;

    /// <summary>How many threads run, the timed one included.</summary>
    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    /// <summary>1, and all cores.</summary>
    public static IEnumerable<int> ThreadCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    /// <summary>Starts the other threads; each repeats <paramref name="disturb"/>.</summary>
    protected void StartOthers(Action disturb)
    {
        _stopping = false;
        _others = [.. Enumerable.Range(1, Threads - 1).Select(_ => new Thread(() =>
        {
            while (!_stopping)
                disturb();
        }) { IsBackground = true })];
        foreach (Thread other in _others)
            other.Start();
    }

    /// <summary>Stops them and waits until they have ended.</summary>
    protected void StopOthers()
    {
        _stopping = true;
        foreach (Thread other in _others)
            other.Join();
    }
}
