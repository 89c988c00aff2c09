namespace Percpu.PinThroughput.Measuring;

/// <summary>A row of the result; as JSON the contract of <c>--json</c>.</summary>
/// <param name="Workload">Its id.</param>
/// <param name="Subject">Its id.</param>
/// <param name="Threads">How many ran.</param>
/// <param name="Parameters">What differs from the workload's defaults.</param>
/// <param name="NanosecondsPerOperation">One thread's time for one operation: median over the rounds.</param>
/// <param name="OperationsPerSecond">Of all threads together: median over the rounds.</param>
/// <param name="Operations">How many were done and checked in the rounds, by all threads.</param>
/// <param name="Rounds">Nanoseconds per operation of each round.</param>
internal sealed record Row(
    string Workload,
    string Subject,
    int Threads,
    IReadOnlyDictionary<string, string> Parameters,
    double NanosecondsPerOperation,
    double OperationsPerSecond,
    long Operations,
    IReadOnlyList<double> Rounds)
{
    /// <summary>Workload and parameters: rows with the same group and threads may be compared.</summary>
    internal string Group => Parameters.Count == 0 ? Workload : $"{Workload} {string.Join(' ', Parameters.Select(p => $"{p.Key}={p.Value}"))}";

    internal static Row Of(string workload, IReadOnlyDictionary<string, string> parameters, Entry entry) => new(
        workload,
        entry.Subject.Id,
        entry.Threads,
        parameters,
        Digits(entry.Nanoseconds),
        Math.Round(entry.OperationsPerSecond),
        entry.Operations,
        [.. entry.Rounds.Select(Digits)]);

    private static double Digits(double nanoseconds) => Math.Round(nanoseconds, 4);
}
