using Percpu.PinThroughput;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;
using Percpu.Results.Tables;

namespace Percpu.Results.Runs;

/// <summary>A run of PinThroughput (<c>--json</c>). Its tables: one for each workload in it, and those named below.</summary>
internal sealed class BenchRun(Result result) : IRun
{
    internal Result Result { get; } = result;

    public IEnumerable<string> Table(string name) => name switch
    {
        "host" => [HostOf(Result.Host)],
        "goals" => GoalsTable.Lines(Result.Results),
        "threads" => ThreadsTable.Lines(Result.Results),
        "all" => All(),
        _ => Of(name),
    };

    private IEnumerable<string> Of(string workload)
    {
        Row[] rows = [.. Result.Results.Where(row => row.Workload == workload)];
        if (rows.Length == 0)
            throw new InvalidDataException($"there is no table '{workload}'; there are host, goals, threads, all, {string.Join(", ", Result.Results.Select(row => row.Workload).Distinct())}.");
        Workload about = Catalogue.Find(workload) ?? throw new InvalidDataException($"PinThroughput has no workload '{workload}' any more.");
        IEnumerable<string> table = rows[0].Latency is not null ? LatencyTable.Lines(rows)
            : rows[0].BytesPerReference is not null ? SizesTable.Lines(rows, "references", row => row.BytesPerReference ?? 0)
            : rows[0].Parameters.ContainsKey(ManyThreadsWorkload.ThreadsAlive) ? AliveTable.Lines(rows)
            : rows.All(row => row.Parameters.Count == 1 && row.Parameters.ContainsKey("batch")) ? SizesTable.Lines(rows, "batch", row => row.NanosecondsPerOperation)
            : workload == "scopes" ? ScopesTable.Lines(rows)
            : TimesTable.Lines(about, rows);
        return rows.Any(row => !row.IsReliable)
            ? [.. table, "", $"Not reliable: {rows.Count(row => !row.IsReliable)} of these {rows.Length} rows were measured mostly while the cores were shared from outside."]
            : table;
    }

    private IEnumerable<string> All() => Result.Results.Select(row => row.Workload).Distinct().SelectMany(workload => (string[])
        ["", $"## {workload}", $"Nanoseconds for one thread's one operation: {Catalogue.Find(workload)?.Operation}.", "", .. Of(workload)]).Skip(1);

    private static string HostOf(Host host) =>
        $"Measured {host.Date[..10]} on {host.Cpu}, {host.Cores} cores, {host.Os}, kernel {host.Kernel}, {host.Runtime} ({host.Tiered}, {host.Gc} GC), "
        + $"threads {(host.Pinned ? "pinned" : "not pinned")}, commit {host.Commit?[..10] ?? "unknown"}{(host.Older is { } older ? $" beside the library of commit {older[..Math.Min(10, older.Length)]}" : "")}, by "
        + $"`dotnet run -c Release --project bench/PinThroughput -- {Markdown.WithoutFolders(host.Command[(host.Command.IndexOf(' ') + 1)..])}`."
        + (host.ProcessorShare < ProcessorShare.Reliable ? $" Not reliable: other programs were running, the measuring threads got {host.ProcessorShare * 100:F0}% of the processor time they asked for." : "");
}
