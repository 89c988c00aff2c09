using System.Diagnostics;

namespace Percpu.HostThroughput;

/// <summary>The same work on some threads at once, for a time.</summary>
internal static class Crew
{
    /// <summary>Nanoseconds of processor time for one operation, all of the process counted: on a machine that is shared, time on a
    /// clock tells what else it runs.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="seconds">For how long, after as long to warm up.</param>
    /// <param name="create">Makes a thread's work: it does some operations and returns how many.</param>
    internal static double Measure(int threads, double seconds, Func<int, Func<long>> create)
    {
        Func<long>[] works = [.. Enumerable.Range(0, threads).Select(create)];
        Run(works, seconds);
        return Run(works, seconds);
    }

    private static double Run(Func<long>[] works, double seconds)
    {
        long[] operations = new long[works.Length];
        TimeSpan before = Environment.CpuUsage.TotalTime;
        using var start = new Barrier(works.Length);
        Thread[] threads = [.. works.Select((work, index) => new Thread(() =>
        {
            start.SignalAndWait();
            var clock = Stopwatch.StartNew();
            do
            {
                operations[index] += work();
            }
            while (clock.Elapsed.TotalSeconds < seconds);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / operations.Sum();
    }
}
