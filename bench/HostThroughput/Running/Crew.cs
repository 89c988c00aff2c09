using System.Diagnostics;

namespace Percpu.HostThroughput;

/// <summary>The same work on some threads at once, for a time.</summary>
internal static class Crew
{
    /// <summary>Nanoseconds of one thread for one operation.</summary>
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
        double[] each = new double[works.Length];
        using var start = new Barrier(works.Length);
        Thread[] threads = [.. works.Select((work, index) => new Thread(() =>
        {
            start.SignalAndWait();
            var clock = Stopwatch.StartNew();
            long operations = 0;
            do
            {
                operations += work();
            }
            while (clock.Elapsed.TotalSeconds < seconds);
            each[index] = clock.Elapsed.TotalNanoseconds / operations;
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return each.Average();
    }
}
