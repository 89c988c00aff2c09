namespace Percpu.Mutants.Exploring;

/// <summary>What the scenarios said of a mutant under a memory model.</summary>
/// <param name="Scenario">The one that showed it; none if it passed.</param>
/// <param name="Message">What was wrong there.</param>
/// <param name="Trace">What reproduces it in a source with the same defect.</param>
/// <param name="Executions">How many executions that took.</param>
/// <param name="Exhausted">Whether all executions of all scenarios that reach it were tried.</param>
internal sealed record ExploredModel(string? Scenario, string Message, string Trace, long Executions, bool Exhausted);
