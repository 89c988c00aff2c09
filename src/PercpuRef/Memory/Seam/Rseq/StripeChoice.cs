using System.Globalization;

namespace Percpu.Memory;

/// <summary>Which kind of stripes a process gets, why, and for those of processors the section that counts in them.</summary>
internal sealed record StripeChoice(string Reason, RseqSection? Section)
{
    internal const string EnvironmentVariable = "PERCPU_STRIPES", Setting = "Percpu.Stripes";

    /// <summary>
    /// From so many threads on a kill that reads a word of each of them costs more than the process-wide fence it pays
    /// anyway, on any machine.
    /// </summary>
    internal const int ManyThreads = 1000;

    /// <summary>Decides by what the process was told, and by what the system has.</summary>
    internal static StripeChoice Make() => Make(
        RseqSystem.Current, Environment.GetEnvironmentVariable(EnvironmentVariable), AppContext.GetData(Setting)?.ToString());

    internal static StripeChoice Make(RseqSystem system, string? environment, string? setting)
    {
        // The environment comes first: whoever runs a program can overrule whoever wrote it.
        (string? asked, string by) = !string.IsNullOrEmpty(environment) ? (environment, EnvironmentVariable) : (setting, Setting);
        switch (asked?.Trim().ToUpperInvariant())
        {
            case "THREAD":
                return Thread($"{by} says so");
            case "CPU":
                return Try(system, $"{by} says so");
            case null or "" or "AUTO":
                return Automatic(system, asked: "");
            default:
                return Automatic(system, $"{by} is '{asked}', which is none of thread, cpu and auto; ");
        }
    }

    // A process cannot change its kind later: words that were counted in one way cannot be found in the other. So the choice
    // looks at what is known at the start, and thread stripes, whose gets and puts are the fastest, are what nobody regrets
    // who has not thousands of threads.
    private static StripeChoice Automatic(RseqSystem system, string asked)
    {
        int alive = system.Threads, pool = system.PoolThreads;
        string seen = string.Create(CultureInfo.InvariantCulture, $"{asked}{alive} threads are alive, and the thread pool begins with {pool}; from {ManyThreads} on stripes are per CPU");
        return Math.Max(alive, pool) >= ManyThreads ? Try(system, seen) : Thread(seen);
    }

    private static StripeChoice Thread(string why) => new($"Stripes per thread: {why}.", null);

    private static StripeChoice Try(RseqSystem system, string why)
    {
        string? obstacle = RseqPlace.Find(system, out RseqPlace place);
        RseqSection? section = null;
        obstacle ??= RseqSection.TryCreate(system, place, out section);
        obstacle ??= RseqSelfTest.Run(system, section!);
        string index = place.IndexField == RseqPlace.CpuIdField ? "cpu_id" : "mm_cid";
        return obstacle is null
            ? new($"Stripes per CPU, by {index}: {why}.", section)
            : Thread($"{why}, but {obstacle}");
    }
}
