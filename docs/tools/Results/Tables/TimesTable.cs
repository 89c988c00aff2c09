using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;

namespace Percpu.Results.Tables;

/// <summary>Nanoseconds by subject and number of threads, the quickest first, with the range and how many times the yardstick they are.</summary>
internal static class TimesTable
{
    internal static IEnumerable<string> Lines(Workload workload, Row[] rows)
    {
        int[] threads = [.. rows.Select(row => row.Threads).Distinct().Order()];
        bool processes = rows.Any(row => row.Processes is not null), single = rows.Select(row => row.Subject).Distinct().Count() == 1;
        string[] header = ["", .. threads.SelectMany(count => (string[])
            [$"{Markdown.Threads(count)}: ns", processes ? "range" : "middle half", .. single ? (string[])[] : [$"times {SubjectNames.Of(workload.Id, workload.Yardstick)}"]])];
        List<IReadOnlyList<string>> lines = [];
        foreach (IGrouping<string, Row> group in rows.GroupBy(row => row.Group))
        {
            if (group.First().Parameters is { Count: > 0 } parameters)
                lines.Add([$"**{string.Join(", ", parameters.Select(parameter => $"{parameter.Key} {parameter.Value}"))}**", .. header.Skip(1).Select(_ => "")]);
            lines.AddRange(group.GroupBy(row => row.Subject).OrderBy(subject => subject.First().NanosecondsPerOperation).Select(subject => (IReadOnlyList<string>)
                [
                    workload.OwnIds.Contains(subject.Key) ? $"**{SubjectNames.Of(workload.Id, subject.Key)}**" : SubjectNames.Of(workload.Id, subject.Key),
                    .. threads.SelectMany(count => Cells(workload, rows, subject.FirstOrDefault(row => row.Threads == count), processes, single)),
                ]));
        }
        return Markdown.Table(1, header, lines);
    }

    private static string[] Cells(Workload workload, Row[] rows, Row? row, bool processes, bool single) =>
        row is null ? single ? ["", ""] : ["", "", ""]
        :
        [
            Markdown.Number(row.NanosecondsPerOperation),
            $"{Markdown.Number(Statistics.Quantile(row.Rounds, processes ? 0 : 0.25))} to {Markdown.Number(Statistics.Quantile(row.Rounds, processes ? 1 : 0.75))}",
            .. single ? (string[])[] : [Markdown.Number(Ratios.Of(workload, rows, row))],
        ];
}
