using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;
using Spectre.Console;

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
        foreach (IGrouping<string, Row> group in result.Results.GroupBy(row => row.Group))
        {
            Workload workload = workloads.First(each => each.Id == group.First().Workload);
            Console.WriteLine();
            Console.WriteLine($"{group.Key}: {workload.Operation}");
            Console.WriteLine();
            AnsiConsole.Write(TableOf(workload, [.. group]));
        }
        Console.WriteLine();
        bool processes = result.Results.Any(row => row.Processes is not null);
        Console.WriteLine($"ns/op: one thread's time for one operation, {(processes ? "median of the processes, and the range of all of them" : "median of the rounds, and the middle half of them")}. Mops/s: all threads together.");
        if (processes && result.Host.Older is { } older)
            Console.WriteLine($"time / older: by the same loops with the library of commit {older}, pair by pair of processes.");
        int leftOut = result.Results.Sum(row => row.LeftOut), counted = result.Results.Sum(row => row.Rounds.Count);
        if (leftOut != 0)
            Console.WriteLine($"{leftOut} of {leftOut + counted} {(processes ? "processes' figures" : "rounds")} are left out: beside them the control loop was slow, the cores were shared from outside.");
        if (result.Results.Count(row => !row.IsReliable) is > 0 and var rows)
            Console.WriteLine($"Not reliable: {rows} rows, marked '?', were measured mostly while the cores were shared from outside.");
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
        bool processes = rows.Any(row => row.Processes is not null), older = rows.Any(row => row.TimesOlder is not null);
        string[] always = ["ns/op", processes ? "range" : "middle half", "Mops/s", $"time / {workload.Yardstick}"];
        foreach (string name in older ? [.. always, "time / older"] : always)
            table.AddColumn(name, column => column.RightAligned().NoWrap());
        bool memory = rows.Any(row => row.BytesPerReference is not null), latency = rows.Any(row => row.Latency is not null);
        string[] more = memory ? ["bytes/reference", "bytes/thread", "mappings"] : latency ? ["half of all", "99%", "99.9%", "longest, ns"] : [];
        foreach (string name in more)
            table.AddColumn(name, column => column.RightAligned().NoWrap());
        foreach (Row row in rows.OrderBy(row => row.Threads)) // Stable: the subjects keep their order.
        {
            bool own = workload.OwnIds.Contains(row.Subject);
            string[] extra = memory ? [Number(row.BytesPerReference), Number(row.BytesPerThread), row.Mappings is { } mappings ? mappings.ToString("F0", CultureInfo.InvariantCulture) : ""]
                : row.Latency is { } times ? [Number(times.At(0.5)), Number(times.At(0.99)), Number(times.At(0.999)), Number(times.Max)]
                : [];
            table.AddRow([
                row.Threads.ToString(CultureInfo.InvariantCulture),
                own ? $"[bold]{row.Subject}[/]" : row.Subject,
                Number(row.NanosecondsPerOperation) + (row.IsReliable ? "" : " ?"),
                $"{Number(Statistics.Quantile(row.Rounds, processes ? 0 : 0.25))} to {Number(Statistics.Quantile(row.Rounds, processes ? 1 : 0.75))}",
                Number(row.OperationsPerSecond / 1e6),
                Ratios.Of(workload, rows, row) is { } ratio ? Number(ratio) : "",
                .. older ? [Number(row.TimesOlder)] : (string[])[],
                .. extra]);
        }
        return table;
    }

    private static string Number(double? value) => value is { } known ? Number(known) : "";

    /// <summary>Three digits, more before the point.</summary>
    internal static string Number(double value) =>
        value.ToString(value >= 99.95 ? "F0" : value >= 9.995 ? "F1" : value >= 0.0995 ? "F2" : "F4", CultureInfo.InvariantCulture);
}
