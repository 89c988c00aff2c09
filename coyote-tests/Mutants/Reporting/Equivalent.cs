namespace Percpu.Mutants.Reporting;

/// <summary>A mutant that is argued to change nothing anybody could see.</summary>
/// <param name="File">The path below the repository's root.</param>
/// <param name="Operator">The operator that makes it.</param>
/// <param name="Before">The place, on one line.</param>
/// <param name="Instead">What stands there instead.</param>
/// <param name="LineText">The line of the source that it begins on.</param>
internal sealed record Equivalent(string File, string Operator, string Before, string Instead, string LineText);
