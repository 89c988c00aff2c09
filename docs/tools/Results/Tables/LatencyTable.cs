using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;

namespace Percpu.Results.Tables;

/// <summary>Percentiles of single operations.</summary>
internal static class LatencyTable
{
    private static readonly double[] Parts = [0.5, 0.9, 0.99, 0.999, 0.9999];

    internal static IEnumerable<string> Lines(Row[] rows) => Markdown.Table(
        2,
        ["threads", "", "operations timed", .. Parts.Select(part => Percentiles.Name(part)), "longest"],
        rows.OrderBy(row => row.Threads).Select(row => (IReadOnlyList<string>)
            [
                $"{row.Threads}", SubjectNames.Of(row.Workload, row.Subject), Markdown.Count(row.Latency!.Count),
                .. Parts.Select(part => Markdown.Number(row.Latency.At(part))), Markdown.Number(row.Latency.Max),
            ]));
}
