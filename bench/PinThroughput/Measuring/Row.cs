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
/// <param name="BytesPerThread">By how much each thread that uses the references makes the process grow, page tables included.</param>
/// <param name="Mappings">How many mappings all those threads together add.</param>
/// <param name="Control">Nanoseconds of a turn of the <see cref="ControlLoop"/> beside the rounds, median; null where it says nothing.</param>
/// <param name="LeftOut">How many rounds (or processes) do not count, because the cores were shared from outside.</param>
/// <param name="IsReliable">False if that was so in most of them; then all count.</param>
/// <param name="Processes">How many processes measured it; then each round is the median of one. Null for a single one.</param>
/// <param name="TimesOlder">Its time as a multiple of the older build's in the process beside: median over the processes.</param>
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
    double? BytesPerReference = null,
    double? BytesPerThread = null,
    double? Mappings = null,
    double? Control = null,
    int LeftOut = 0,
    bool IsReliable = true,
    int? Processes = null,
    double? TimesOlder = null)
{
    /// <summary>Workload and parameters: rows with the same group and threads may be compared.</summary>
    internal string Group => Parameters.Count == 0 ? Workload : $"{Workload} {string.Join(' ', Parameters.Select(p => $"{p.Key}={p.Value}"))}";

    /// <param name="limit">A round beside which the control took longer is left out, unless most rounds would be.</param>
    internal static Row Of(string workload, IReadOnlyDictionary<string, string> parameters, Entry entry, double limit)
    {
        int[] all = [.. Enumerable.Range(0, entry.Rounds.Count)];
        int[] quiet = [.. all.Where(round => entry.Controls.Count == 0 || entry.Controls[round] <= limit)];
        bool isReliable = quiet.Length * 2 >= all.Length;
        int[] counted = isReliable ? quiet : all;
        return new Row(
            workload,
            entry.Subject.Id,
            entry.Threads,
            parameters,
            Digits(Statistics.Median([.. counted.Select(round => entry.Rounds[round])])),
            Math.Round(Statistics.Median([.. counted.Select(round => entry.Rates[round])])),
            [.. counted.Select(round => Digits(entry.Rounds[round]))],
            entry.RunsHere ? entry.Operations : null,
            entry.Latency is { Count: > 0 } latency ? Measuring.Latency.Of(latency) : null,
            Digits(entry.BytesPerReference),
            Digits(entry.BytesPerThread),
            entry.Mappings,
            entry.Controls.Count == 0 ? null : Digits(Statistics.Median([.. counted.Select(round => entry.Controls[round])])),
            all.Length - counted.Length,
            isReliable);
    }

    internal static double Digits(double value) => Math.Round(value, 4);

    private static double? Digits(double? value) => value is { } known ? Digits(known) : null;
}
