using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;
using Percpu.Results.Runs;

namespace Percpu.Results;

/// <summary>The plots under <c>docs/plots</c>.</summary>
internal static class Plots
{
    /// <summary>Its name, the run, the workloads in it, and which of the pages of such a run it is.</summary>
    private static readonly (string File, string Run, string[] Workloads, string Page)[] Known =
        [
            ("pins", "peers", ["pin", "epoch"], ""),
            ("kill-latency", "peers", ["kill-latency"], "-latency"),
            ("batch", "peers", ["kill-batch", "read-batch"], "-batch"),
            ("memory", "peers", ["memory"], "-memory"),
            ("threads-alive", "many-threads", ["many-threads"], "-alive"),
        ];

    /// <summary>The bars of the README: workload, its yardstick, and who stands beside.</summary>
    private static readonly (string Title, string Workload, string Yardstick, string[] Subjects)[] Ratios =
        [
            ("pin and unpin", "pin", "percpu-ref", ["percpu-ref", "interlocked", "safe-handle", "rwlock-slim"]),
            ("read a byte of a mapped file", "mapped-read", "percpu-value", ["percpu-value", "raw-pointer", "safe-buffer", "view-accessor"]),
        ];

    internal static IEnumerable<(string Path, string Svg)> All(ResultFolder results)
    {
        foreach ((string file, string run, string[] ids, string page) in Known)
        {
            Result result = results.Bench(run);
            Result part = result with { Results = [.. result.Results.Where(row => ids.Contains(row.Workload))] };
            yield return ($"docs/plots/{file}.svg", SvgReport.Pages([.. ids.Select(id => Catalogue.Find(id)!)], part).TryGetValue(page, out string? svg)
                ? svg
                : throw new InvalidDataException($"the run '{run}' has no rows of {string.Join(" and ", ids)} for docs/plots/{file}.svg."));
        }
        yield return ("docs/plots/ratios.svg", OfRatios(results.Bench("peers")));
    }

    private static string OfRatios(Result result)
    {
        Row[] used = [.. result.Results.Where(row => row.Parameters.Count == 0 && Ratios.Any(panel => panel.Workload == row.Workload && panel.Subjects.Contains(row.Subject)))];
        return SvgPage.Of(
            "Time of one operation as a multiple of ours, at the same number of threads",
            "Medians, as multiples of the first bar with the same number of threads. Bold: this library.",
            result with { Results = used },
            [.. Ratios.Select(panel => Bars(panel.Title, panel.Workload, panel.Yardstick, panel.Subjects, used))]);
    }

    private static SvgBars Bars(string title, string workload, string yardstick, string[] subjects, Row[] rows)
    {
        int[] threads = [.. rows.Where(row => row.Workload == workload).Select(row => row.Threads).Distinct().Order()];
        threads = [.. threads.Length > 2 ? [threads[0], threads[^1]] : threads];
        IReadOnlyList<string> own = Catalogue.Find(workload)!.OwnIds;
        return new SvgBars(
            $"{title} ({Markdown.Threads(threads[0])}{(threads.Length > 1 ? $"; pale: {threads[1]}" : "")})",
            "times as long",
            [.. subjects.Select(subject => new SvgBar(workload, subject, SubjectNames.PlainOf(workload, subject), own.Contains(subject), [.. threads.Select(count => Time(subject, count) / Time(yardstick, count))]))],
            times => times.ToString(times < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture));

        double Time(string subject, int count) => rows.FirstOrDefault(row => row.Workload == workload && row.Subject == subject && row.Threads == count)?.NanosecondsPerOperation
            ?? throw new InvalidDataException($"the run has no {workload} of {subject} with {Markdown.Threads(count)}, which docs/plots/ratios.svg needs.");
    }
}
