using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;

namespace Percpu.Results.Tables;

/// <summary>Millions of operations a second of all threads together, and what the further threads bring.</summary>
internal static class ThreadsTable
{
    private static readonly (string Workload, string Subject)[] Chosen =
        [
            ("pin", "percpu-ref"), ("pin", "c-floor-two-checks"), ("pin", "urcu-memb"), ("pin", "striped-interlocked"), ("pin", "interlocked"),
            ("pin", "safe-handle"), ("pin", "rwlock-slim"), ("pin", "lock"), ("epoch", "percpu-epoch"),
        ];

    internal static IEnumerable<string> Lines(IReadOnlyList<Row> rows)
    {
        Row[] all = [.. rows.Where(row => row.Workload is "pin" or "epoch")];
        int[] threads = [.. all.Select(row => row.Threads).Distinct().Order()];
        return Markdown.Table(
            1,
            ["", .. threads.Select(count => $"{Markdown.Threads(count)}: Mops/s"), "times"],
            Chosen.Select(chosen => (Chosen: chosen, Rows: threads.Select(count => all.FirstOrDefault(row => row.Workload == chosen.Workload && row.Subject == chosen.Subject && row.Threads == count)).ToArray()))
                .Where(line => line.Rows.All(row => row is not null))
                .Select(line => (IReadOnlyList<string>)
                    [
                        $"{SubjectNames.Of(line.Chosen.Workload, line.Chosen.Subject)} ({line.Chosen.Workload})",
                        .. line.Rows.Select(row => Markdown.Number(row!.OperationsPerSecond / 1e6)),
                        (line.Rows[^1]!.OperationsPerSecond / line.Rows[0]!.OperationsPerSecond).ToString("F2", CultureInfo.InvariantCulture),
                    ]));
    }
}
