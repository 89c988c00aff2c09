using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

internal static class Ratios
{
    /// <summary>A row's time as a multiple of the workload's yardstick under the same conditions; null without one.</summary>
    internal static double? Of(Workload workload, IEnumerable<Row> rows, Row row) => To(workload.Yardstick, rows, row);

    /// <summary>A row's time as a multiple of a subject's under the same conditions; null without one.</summary>
    internal static double? To(string subject, IEnumerable<Row> rows, Row row)
    {
        Row? yardstick = rows.FirstOrDefault(other =>
            other.Group == row.Group && other.Threads == row.Threads && other.Subject == subject);
        return yardstick is { NanosecondsPerOperation: > 0 } ? row.NanosecondsPerOperation / yardstick.NanosecondsPerOperation : null;
    }
}
