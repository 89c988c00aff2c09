using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;

namespace Percpu.Results.Tables;

/// <summary>A scope in a loop and in a single call, with and without variables beside it.</summary>
internal static class ScopesTable
{
    internal static IEnumerable<string> Lines(Row[] rows)
    {
        int threads = rows.Min(row => row.Threads);
        string[] groups = [.. rows.Select(row => row.Group).Distinct()];
        return Markdown.Table(
            1,
            ["", .. groups.Select(Heading)],
            rows.Where(row => row.Threads == threads).GroupBy(row => row.Subject).Select(subject => (IReadOnlyList<string>)
                [
                    SubjectNames.Of("scopes", subject.Key),
                    .. groups.Select(group => subject.FirstOrDefault(row => row.Group == group) is { } row
                        ? $"{Markdown.Number(row.NanosecondsPerOperation)} ({Markdown.Number(row.Rounds.Min())} to {Markdown.Number(row.Rounds.Max())})"
                        : ""),
                ]));
    }

    private static string Heading(string group)
    {
        string where = group.Contains("call=virtual", StringComparison.Ordinal) ? "one call of a virtual method" : "in a loop";
        return group.Contains("live=", StringComparison.Ordinal) ? $"{where}, 12 live variables" : where;
    }
}
