using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

internal static class Label
{
    internal static string Of(Workload workload, IReadOnlyDictionary<string, string> parameters) =>
        string.Join(' ', [workload.Id, .. parameters.Select(parameter => $"{parameter.Key}={parameter.Value}")]);

    /// <summary>The yardstick's figures so far.</summary>
    internal static string OfState(Workload workload, IReadOnlyList<Entry> entries) => string.Join(", ", entries
        .Where(entry => entry.Subject.Id == workload.Yardstick)
        .Select(entry => $"{TableReport.Number(entry.Nanoseconds)} ns with {entry.Threads} {(entry.Threads == 1 ? "thread" : "threads")}")
        .Prepend(workload.Yardstick));
}
