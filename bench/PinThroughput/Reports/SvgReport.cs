using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>
/// The plots of a result. One name gives up to five files: throughput by threads (bars where there are two numbers of threads or fewer) under the name itself, and beside it
/// NAME-latency, NAME-batch, NAME-memory and NAME-alive, each only if there are rows for it.
/// </summary>
internal static class SvgReport
{
    private const string Batch = "batch", References = "references";
    private const string Medians = "Medians, with the range of the middle half of the rounds. Bold: this library. Dashed: not .NET.";
    private static readonly double[] LatencyParts = [0.5, 0.9, 0.99, 0.999, 0.9999];

    internal static void Write(FileInfo file, IReadOnlyList<Workload> workloads, Result result)
    {
        string name = Path.Combine(file.DirectoryName!, Path.GetFileNameWithoutExtension(file.Name));
        foreach ((string suffix, string svg) in Pages(workloads, result))
        {
            string path = name + suffix + (file.Extension.Length == 0 ? ".svg" : file.Extension);
            File.WriteAllText(path, svg);
            Console.WriteLine($"Wrote {Path.GetFileName(path)}.");
        }
    }

    /// <summary>The files by what is put behind their name.</summary>
    internal static IReadOnlyDictionary<string, string> Pages(IReadOnlyList<Workload> workloads, Result result)
    {
        Dictionary<string, string> pages = [];
        ILookup<string, Row> kinds = result.Results.ToLookup(KindOf);
        Page("", "Operations per second by number of threads", kinds["throughput"].GroupBy(row => row.Group).Select(Throughput));
        Page("-latency", "Distribution of the time of single operations", kinds["latency"].GroupBy(row => (row.Group, row.Threads)).Select(LatencyOf));
        Page("-batch", "Time by size of batch", kinds[Batch].GroupBy(row => (row.Workload, row.Threads)).Select(ByParameter));
        Page("-memory", "Memory by number of references", kinds[References].GroupBy(row => (row.Workload, row.Threads)).Select(ByParameter));
        Page("-alive", "Cost by number of threads alive", kinds[ManyThreadsWorkload.ThreadsAlive].GroupBy(row => (row.Workload, row.Parameters.GetValueOrDefault(ManyThreadsWorkload.OperationName, ""))).Select(ByThreadsAlive));

        return pages;

        void Page(string suffix, string label, IEnumerable<ISvgPanel> panels)
        {
            ISvgPanel[] all = [.. panels];
            if (all.Length != 0)
                pages.Add(suffix, SvgPage.Of(label, all.All(panel => panel is SvgBars) ? "Medians, all threads together. Bold: this library." : Medians, result, all));
        }

        ISvgPanel Throughput(IGrouping<string, Row> group)
        {
            int[] threads = [.. group.Select(row => row.Threads).Distinct().Order()];
            if (threads.Length <= 2) // A line between two points says nothing.
                return BarsOf(group, threads);
            return new SvgChart(group.Key, "threads", "operations per second, all threads", Texts(threads), SeriesOf(group, row => row.Select(each =>
                new SvgPoint(Array.IndexOf(threads, each.Threads), each.OperationsPerSecond, RateAt(each, 0.75), RateAt(each, 0.25)))), Rate);
        }

        ISvgPanel LatencyOf(IGrouping<(string Group, int Threads), Row> group)
        {
            double[] parts = [.. LatencyParts.Where(part => group.All(row => row.Latency!.At(part) is not null))];
            return new SvgChart($"{group.Key.Group}, {Count(group.Key.Threads)}", "percentile", "time of one operation",
                [.. parts.Select(Percentiles.Name), "longest"],
                SeriesOf(group, rows => parts.Select((part, i) => new SvgPoint(i, rows.First().Latency!.At(part)!.Value))
                    .Append(new SvgPoint(parts.Length, rows.First().Latency!.Max))), Time);
        }

        ISvgPanel ByParameter(IGrouping<(string Workload, int Threads), Row> group)
        {
            bool memory = group.First().BytesPerReference is not null;
            string name = memory ? References : Batch;
            int[] places = [.. group.Select(Place).Distinct().Order()];
            return new SvgChart($"{group.Key.Workload}, {Count(group.Key.Threads)}", memory ? "references" : "size of the batch",
                memory ? "bytes per reference" : "time per operation", Texts(places), SeriesOf(group, rows => rows.OrderBy(Place).Select(row => memory
                    ? new SvgPoint(Array.IndexOf(places, Place(row)), Math.Max(1, row.BytesPerReference!.Value))
                    : new SvgPoint(Array.IndexOf(places, Place(row)), row.NanosecondsPerOperation, Statistics.Quantile(row.Rounds, 0.25), Statistics.Quantile(row.Rounds, 0.75)))),
                memory ? Plain : Time);

            int Place(Row row) => int.TryParse(row.Parameters.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out int place) ? place : DefaultBatch(row);
        }

        ISvgPanel ByThreadsAlive(IGrouping<(string Workload, string Operation), Row> group)
        {
            bool memory = group.First().BytesPerThread is not null;
            int[] places = [.. group.Select(Place).Distinct().Order()];
            return new SvgChart(memory ? "memory of a thread that used 1,000 references" : group.Key.Operation, "threads alive",
                memory ? "bytes per thread" : "processor time of one", Texts(places), SeriesOf(group, rows => rows.OrderBy(Place).Select(row => memory
                    ? new SvgPoint(Array.IndexOf(places, Place(row)), Math.Max(1, row.BytesPerThread!.Value))
                    : new SvgPoint(Array.IndexOf(places, Place(row)), row.NanosecondsPerOperation, row.Rounds.Min(), row.Rounds.Max()))),
                memory ? Plain : Time, [.. places.Select(place => Math.Log10(place))]);

            int Place(Row row) => int.Parse(row.Parameters[ManyThreadsWorkload.ThreadsAlive], CultureInfo.InvariantCulture);
        }

        SvgSeries[] SeriesOf(IEnumerable<Row> rows, Func<IEnumerable<Row>, IEnumerable<SvgPoint>> points) =>
            [.. rows.GroupBy(row => (row.Workload, row.Subject)).Select(each => new SvgSeries(
                each.Key.Workload,
                each.Key.Subject,
                workloads.First(workload => workload.Id == each.Key.Workload).OwnIds.Contains(each.Key.Subject),
                NativePeers.Ids.Contains(each.Key.Subject) || each.Key.Subject == "java",
                [.. points(each.OrderBy(row => row.Threads))]))];

        SvgBars BarsOf(IGrouping<string, Row> group, int[] threads) => new(
            $"{group.Key} ({Count(threads[0])}{(threads.Length > 1 ? $"; pale: {threads[1]}" : "")})",
            "operations per second",
            [.. group.GroupBy(row => row.Subject).Select(rows => new SvgBar(
                rows.First().Workload, rows.Key, rows.Key, workloads.First(workload => workload.Id == rows.First().Workload).OwnIds.Contains(rows.Key),
                [.. rows.OrderBy(row => row.Threads).Select(row => row.OperationsPerSecond)])).OrderByDescending(bar => bar.Values[^1])],
            Rate);

        int DefaultBatch(Row row) => workloads.First(workload => workload.Id == row.Workload).DefaultBatch;
        string KindOf(Row row) => row.Latency is not null ? "latency"
            : row.Parameters.ContainsKey(ManyThreadsWorkload.ThreadsAlive) ? ManyThreadsWorkload.ThreadsAlive
            : row.BytesPerReference is not null ? References
            : row.Parameters.ContainsKey(Batch) || DefaultBatch(row) != 0 ? Batch : "throughput";
    }

    private static string Count(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    /// <summary>The throughput at a quantile of the rounds' times.</summary>
    private static double RateAt(Row row, double quantile) =>
        row.OperationsPerSecond * row.NanosecondsPerOperation / Statistics.Quantile(row.Rounds, quantile);

    private static string[] Texts(int[] places) => [.. places.Select(place => Plain(place))];

    private static string Rate(double amount) => Scaled(amount, ["", " k", " M", " G", " T"]);

    private static string Plain(double amount) => Scaled(amount, ["", " k", " M", " G"]);

    private static string Time(double nanoseconds) => Scaled(nanoseconds, [" ns", " µs", " ms", " s"]);

    private static string Scaled(double amount, string[] units)
    {
        int unit = 0;
        for (; amount >= 999.5 && unit < units.Length - 1; unit++)
            amount /= 1_000;
        return amount.ToString("0.##", CultureInfo.InvariantCulture) + units[unit];
    }
}
