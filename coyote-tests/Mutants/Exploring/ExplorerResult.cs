using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Exploring;

/// <summary>A row of the matrix.</summary>
/// <param name="Mutant">The mutant.</param>
/// <param name="Scenarios">How many scenarios reach it.</param>
/// <param name="Models">What they said, by memory model.</param>
internal sealed record ExplorerResult(Mutant Mutant, int Scenarios, IReadOnlyDictionary<string, ExploredModel> Models)
{
    /// <summary>The first model that showed it, from the strongest to the weakest; null if none did.</summary>
    internal string? CaughtUnder => Models.FirstOrDefault(model => model.Value.Scenario is not null).Key;
}
