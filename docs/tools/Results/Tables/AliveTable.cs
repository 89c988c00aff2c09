using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;

namespace Percpu.Results.Tables;

/// <summary>Microseconds of an operation by how many threads are alive, beside an older build where there is one.</summary>
internal static class AliveTable
{
    internal static IEnumerable<string> Lines(Row[] rows)
    {
        Row[] timed = [.. rows.Where(row => row.BytesPerThread is null)];
        var columns = timed.Where(row => row.Subject != "fence").Select(row => (Operation: row.Parameters[ManyThreadsWorkload.OperationName], row.Subject)).Distinct()
            .OrderBy(column => Array.FindIndex(timed, row => row.Parameters[ManyThreadsWorkload.OperationName] == column.Operation)).ToList();
        bool several = columns.Select(column => column.Subject.Replace("-older", "", StringComparison.Ordinal)).Distinct().Count() > 1;
        return Markdown.Table(
            0,
            ["threads alive", .. columns.Select(column => Name(column, several)), "process-wide fence"],
            timed.GroupBy(row => int.Parse(row.Parameters[ManyThreadsWorkload.ThreadsAlive], CultureInfo.InvariantCulture)).OrderBy(alive => alive.Key).Select(alive => (IReadOnlyList<string>)
                [
                    Markdown.Count(alive.Key),
                    .. columns.Select(column => Microseconds(alive.FirstOrDefault(row => row.Subject == column.Subject && row.Parameters[ManyThreadsWorkload.OperationName] == column.Operation))),
                    Microseconds(alive.FirstOrDefault(row => row.Subject == "fence")),
                ]));
    }

    private static string Name((string Operation, string Subject) column, bool several) =>
        several ? $"{column.Operation}, {SubjectNames.Of("many-threads", column.Subject)}"
        : column.Subject.EndsWith("-older", StringComparison.Ordinal) ? "older build" : column.Operation;

    private static string Microseconds(Row? row) => row is null ? "" : Markdown.Number(row.NanosecondsPerOperation / 1_000);
}
