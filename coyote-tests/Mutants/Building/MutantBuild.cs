using Percpu.Interleavings.Twins;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Building;

/// <summary>Both assemblies with many mutants behind the switch.</summary>
/// <param name="Images">What is run.</param>
/// <param name="Mutants">By number. Those of the form Own are not in these images: they only have a probe there.</param>
internal sealed record MutantBuild(ShippedImages Images, IReadOnlyList<Mutant> Mutants);
