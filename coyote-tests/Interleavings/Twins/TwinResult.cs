namespace Percpu.Interleavings.Twins;

/// <summary>A row of the matrix.</summary>
internal sealed record TwinResult(Twin Twin, IReadOnlyDictionary<string, TwinOutcome> Outcomes)
{
    /// <summary>Caught by its layer; and not under sc, if it is said to need store buffers.</summary>
    internal bool AsExpected => Outcomes[Twin.Layer].Caught && (Twin.Layer == "sc" || !Outcomes["sc"].Caught);
}
