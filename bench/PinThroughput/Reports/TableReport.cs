using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>The tables at the end of a run: plain Markdown when they do not go to a terminal.</summary>
internal static class TableReport
{
    internal static void PrintHost(Host host)
    {
        Console.WriteLine($"{host.Cpu}, {host.Cores} cores, {host.Architecture}, {host.Os}");
        Console.WriteLine($"{host.Runtime}, {host.Tiered}, {host.Gc} GC, threads {(host.Pinned ? "pinned" : "not pinned")}, commit {host.Commit?[..10] ?? "unknown"}, {host.Date}");
    }

    internal static void PrintSchedule(Schedule schedule)
    {
        Console.WriteLine($"{schedule.RowCount} rows, {schedule.Rounds} rounds of {schedule.RoundTime.TotalMilliseconds:F0} ms each; subjects alternate round by round.");
        Console.WriteLine();
    }

    internal static void Print(IReadOnlyList<Workload> workloads, Result result)
    {
        Warn(result);
        foreach (IGrouping<string, Row> group in result.Results.GroupBy(row => row.Group))
        {
            Workload workload = workloads.First(each => each.Id == group.First().Workload);
            Console.WriteLine();
            Console.WriteLine($"{group.Key}: {workload.Operation}");
            Console.WriteLine();
            TableOf(workload, [.. group]).Print();
        }
        Console.WriteLine();
        bool processes = result.Results.Any(row => row.Processes is not null);
        Console.WriteLine($"ns/op: one thread's time for one operation, {(processes ? "median of the processes, and the range of all of them" : "median of the rounds, and the middle half of them")}. Mops/s: all threads together.");
        if (processes && result.Host.Older is { } older)
            Console.WriteLine($"time / older: by the same loops with the library of commit {older}, pair by pair of processes.");
        int leftOut = result.Results.Sum(row => row.LeftOut), counted = result.Results.Sum(row => row.Rounds.Count);
        if (leftOut != 0)
            Console.WriteLine($"{leftOut} of {leftOut + counted} {(processes ? "processes' figures" : "rounds")} are left out: beside them the control loop was slow, the cores were shared from outside.");
        Warn(result);
    }

    /// <summary>Before the first figure and behind the last one.</summary>
    private static void Warn(Result result)
    {
        if (Reliability.Of(result) is { } warning)
            Console.WriteLine(warning);
    }

    private static TextTable TableOf(Workload workload, Row[] rows)
    {
        Row[] sorted = [.. rows.OrderBy(row => row.Threads)]; // Stable: the subjects keep their order.
        bool processes = rows.Any(row => row.Processes is not null);
        int[] own = [.. Enumerable.Range(0, sorted.Length).Where(row => workload.OwnIds.Contains(sorted[row].Subject))];
        List<TextColumn> columns =
            [
                Column("threads", 0, row => row.Threads.ToString(CultureInfo.InvariantCulture)),
                Column("subject", 0, row => row.Subject) with { IsText = true, BoldRows = own },
                Column("ns/op", 0, row => Number(row.NanosecondsPerOperation) + (row.IsReliable ? "" : " ?")),
                Column(processes ? "range" : "middle half", 9, row => $"{Number(Statistics.Quantile(row.Rounds, processes ? 0 : 0.25))} to {Number(Statistics.Quantile(row.Rounds, processes ? 1 : 0.75))}"),
                Column("Mops/s", 8, row => Number(row.OperationsPerSecond / 1e6)),
                Column($"time / {workload.Yardstick}", 1, row => Number(Ratios.Of(workload, rows, row))),
            ];
        if (rows.Any(row => row.TimesOlder is not null))
            columns.Add(Column("time / older", 1, row => Number(row.TimesOlder)));
        if (rows.Any(row => row.BytesPerReference is not null))
        {
            columns.Add(Column("bytes/reference", 2, row => Number(row.BytesPerReference)));
            columns.Add(Column("bytes/thread", 3, row => Number(row.BytesPerThread)));
            columns.Add(Column("mappings", 4, row => row.Mappings?.ToString("F0", CultureInfo.InvariantCulture) ?? ""));
        }
        else if (rows.Any(row => row.Latency is not null))
        {
            foreach ((double part, int rank) in ((double, int)[])[(0.5, 3), (0.99, 2), (0.999, 4)])
                columns.Add(Column(Percentiles.Name(part), rank, row => Number(row.Latency?.At(part))));
            columns.Add(Column("longest, ns", 5, row => Number(row.Latency?.Max)));
        }
        return new TextTable(columns);

        TextColumn Column(string header, int rank, Func<Row, string> cell) => new(header, rank, [.. sorted.Select(cell)]);
    }

    private static string Number(double? value) => value is { } known ? Number(known) : "";

    /// <summary>Three digits, more before the point.</summary>
    internal static string Number(double value) =>
        value.ToString(value >= 99.95 ? "F0" : value >= 9.995 ? "F1" : value >= 0.0995 ? "F2" : "F4", CultureInfo.InvariantCulture);
}
