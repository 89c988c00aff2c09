using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Reports;

/// <summary>A whole run.</summary>
/// <param name="Host">Where and how.</param>
/// <param name="Results">Its rows.</param>
/// <param name="NotRun">What was asked for and could not run.</param>
/// <param name="Warning">Why it cannot be believed; null if it can. Of the file alone: see <see cref="Reliability"/>.</param>
internal sealed record Result(Host Host, IReadOnlyList<Row> Results, IReadOnlyList<NotRun>? NotRun = null, string? Warning = null);
