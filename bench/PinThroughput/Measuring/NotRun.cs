namespace Percpu.PinThroughput.Measuring;

/// <summary>A subject that was asked for and could not run here, and why. It has no row: it did not take zero time.</summary>
internal sealed record NotRun(string Workload, string Subject, string Reason);
