namespace Percpu.Torture.Running;

/// <summary>One litmus test: how often each outcome was seen.</summary>
internal sealed record LitmusReport(string Name, string Expectation, long Iterations, SortedDictionary<string, long> Outcomes, string Forbidden, long ForbiddenSeen, bool IsControl);
