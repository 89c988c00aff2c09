namespace Percpu.PinThroughput.Measuring;

/// <summary>A row of the result; as JSON the contract of <c>--json</c>.</summary>
/// <param name="Workload">Its id.</param>
/// <param name="Subject">Its id.</param>
/// <param name="Threads">How many ran.</param>
/// <param name="Parameters">What differs from the workload's defaults.</param>
/// <param name="NanosecondsPerOperation">One thread's time for one operation: median over the rounds.</param>
/// <param name="OperationsPerSecond">Of all threads together: median over the rounds.</param>
/// <param name="Rounds">Nanoseconds per operation of each round.</param>
/// <param name="Operations">How many were done and checked in the rounds, by all threads; null where another process did them.</param>
/// <param name="Latency">How long single operations took, where they are timed one by one.</param>
/// <param name="BytesPerReference">Where memory is measured.</param>
internal sealed record Row(
    string Workload,
    string Subject,
    int Threads,
    IReadOnlyDictionary<string, string> Parameters,
    double NanosecondsPerOperation,
    double OperationsPerSecond,
    IReadOnlyList<double> Rounds,
    long? Operations = null,
    Latency? Latency = null,
    double? BytesPerReference = null)
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
        [.. entry.Rounds.Select(Digits)],
        entry.RunsHere ? entry.Operations : null,
        entry.Latency is { Count: > 0 } latency ? Measuring.Latency.Of(latency) : null,
        entry.BytesPerReference is { } bytes ? Digits(bytes) : null);

    private static double Digits(double value) => Math.Round(value, 4);
}
