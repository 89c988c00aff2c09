using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;

namespace Percpu.Results.Tables;

/// <summary>One figure by a size that stands in a parameter: the batch, or how many references there are.</summary>
internal static class SizesTable
{
    internal static IEnumerable<string> Lines(Row[] rows, string parameter, Func<Row, double> figure)
    {
        long[] sizes = [.. rows.Select(Size).Distinct().Order()];
        return Markdown.Table(
            2,
            ["threads", "", .. sizes.Select(Markdown.Count)],
            rows.GroupBy(row => (row.Threads, row.Subject)).OrderBy(line => line.Key.Threads).Select(line => (IReadOnlyList<string>)
                [
                    $"{line.Key.Threads}", SubjectNames.Of(rows[0].Workload, line.Key.Subject),
                    .. sizes.Select(size => line.FirstOrDefault(row => Size(row) == size) is { } row ? Markdown.Number(figure(row)) : ""),
                ]));

        long Size(Row row) => long.Parse(row.Parameters[parameter], CultureInfo.InvariantCulture);
    }
}
