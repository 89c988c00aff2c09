namespace Percpu.Interleavings.Twins;

/// <summary>What one layer said of a twin.</summary>
/// <param name="Caught">Whether it showed the defect.</param>
/// <param name="Scenario">In which scenario; those that were tried, if none did.</param>
/// <param name="Executions">How many executions that took.</param>
/// <param name="Exhausted">Not caught: whether everything there is was tried.</param>
/// <param name="Message">Caught: what went wrong.</param>
/// <param name="Trace">Caught: what reproduces it in a source with the same defect.</param>
internal sealed record TwinOutcome(bool Caught, string Scenario, long Executions, bool Exhausted, string Message, string Trace);
