using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;
using Spectre.Console;

namespace Percpu.PinThroughput.Reports;

/// <summary>The tables at the end of a run: plain Markdown when they do not go to a terminal.</summary>
internal static class TableReport
{
    internal static void PrintHost(Host host, Schedule schedule)
    {
        Console.WriteLine($"{host.Cpu}, {host.Cores} cores, {host.Architecture}, {host.Os}");
        Console.WriteLine($"{host.Runtime}, {host.Tiered}, {host.Gc} GC, threads {(host.Pinned ? "pinned" : "not pinned")}, commit {host.Commit?[..10] ?? "unknown"}, {host.Date}");
        Console.WriteLine($"{schedule.RowCount} rows, {schedule.Rounds} rounds of {schedule.RoundTime.TotalMilliseconds:F0} ms each; subjects alternate round by round.");
        Console.WriteLine();
    }

    internal static void Print(IReadOnlyList<Workload> workloads, Result result)
    {
        foreach (IGrouping<string, Row> group in result.Results.GroupBy(row => row.Group))
        {
            Workload workload = workloads.First(each => each.Id == group.First().Workload);
            Console.WriteLine();
            Console.WriteLine($"{group.Key}: {workload.Operation}");
            Console.WriteLine();
            AnsiConsole.Write(TableOf(workload, [.. group]));
        }
        Console.WriteLine();
        Console.WriteLine("ns/op: one thread's time for one operation, median of the rounds, and the middle half of them. Mops/s: all threads together.");
        if (result.Host.ProcessorShare < ProcessorShare.Reliable)
        {
            Console.WriteLine($"Not reliable: other programs were running. The measuring threads got {result.Host.ProcessorShare:P0} of the processor "
                + "time they asked for, so times are too long and even ratios uncertain.");
        }
    }

    private static Table TableOf(Workload workload, Row[] rows)
    {
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Markdown : TableBorder.Rounded);
        table.AddColumn("threads", column => column.RightAligned().NoWrap());
        table.AddColumn("subject", column => column.NoWrap());
        foreach (string name in (string[])["ns/op", "middle half", "Mops/s", $"time / {workload.Yardstick}"])
            table.AddColumn(name, column => column.RightAligned().NoWrap());
        bool memory = rows.Any(row => row.BytesPerReference is not null), latency = rows.Any(row => row.Latency is not null);
        string[] more = memory ? ["bytes/reference"] : latency ? ["half of all", "99%", "99.9%", "longest, ns"] : [];
        foreach (string name in more)
            table.AddColumn(name, column => column.RightAligned().NoWrap());
        foreach (Row row in rows.OrderBy(row => row.Threads)) // Stable: the subjects keep their order.
        {
            bool own = workload.OwnIds.Contains(row.Subject);
            string[] extra = memory ? [Number(row.BytesPerReference ?? 0)]
                : row.Latency is { } times ? [Number(times.At(0.5)), Number(times.At(0.99)), Number(times.At(0.999)), Number(times.Max)]
                : [];
            table.AddRow([
                row.Threads.ToString(CultureInfo.InvariantCulture),
                own ? $"[bold]{row.Subject}[/]" : row.Subject,
                Number(row.NanosecondsPerOperation),
                $"{Number(Statistics.Quantile(row.Rounds, 0.25))} to {Number(Statistics.Quantile(row.Rounds, 0.75))}",
                Number(row.OperationsPerSecond / 1e6),
                Ratios.Of(workload, rows, row) is { } ratio ? Number(ratio) : "",
                .. extra]);
        }
        return table;
    }

    private static string Number(double? value) => value is { } known ? Number(known) : "";

    /// <summary>Three digits, more before the point.</summary>
    internal static string Number(double value) =>
        value.ToString(value >= 99.95 ? "F0" : value >= 9.995 ? "F1" : value >= 0.0995 ? "F2" : "F4", CultureInfo.InvariantCulture);
}
