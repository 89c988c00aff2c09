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
        int[] alive = [.. timed.Select(Alive).Distinct().Order()];
        return Markdown.Table(
            2,
            ["operation", "build and stripes", .. alive.Select(threads => $"{Markdown.Count(threads)} threads")],
            // In the order of the run; the fence, which is in each operation, last.
            timed.GroupBy(row => (Operation: row.Subject == "fence" ? "" : row.Parameters[ManyThreadsWorkload.OperationName], row.Subject))
                .OrderBy(line => line.Key.Operation.Length == 0).ThenBy(line => Array.FindIndex(timed, row => row.Parameters[ManyThreadsWorkload.OperationName] == line.Key.Operation))
                .Select(line => (IReadOnlyList<string>)
                [
                    line.Key.Operation.Length == 0 ? "process-wide fence" : line.Key.Operation,
                    line.Key.Operation.Length == 0 ? "" : SubjectNames.Of("many-threads", line.Key.Subject),
                    .. alive.Select(threads => Microseconds(line.FirstOrDefault(row => Alive(row) == threads))),
                ]));
    }

    private static int Alive(Row row) => int.Parse(row.Parameters[ManyThreadsWorkload.ThreadsAlive], CultureInfo.InvariantCulture);

    private static string Microseconds(Row? row) => row is null ? "" : Markdown.Number(row.NanosecondsPerOperation / 1_000);
}
