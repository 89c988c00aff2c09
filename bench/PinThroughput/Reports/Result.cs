using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Reports;

/// <summary>A whole run.</summary>
internal sealed record Result(Host Host, IReadOnlyList<Row> Results, IReadOnlyList<NotRun>? NotRun = null);
