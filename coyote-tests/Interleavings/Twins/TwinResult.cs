using Percpu.Interleavings.Engines;

namespace Percpu.Interleavings.Twins;

/// <summary>A row of the matrix.</summary>
/// <param name="Twin">The twin.</param>
/// <param name="Outcomes">What each memory model of the explorer said, and Coyote, by its name.</param>
/// <param name="OnThreads">What torture and the unit tests said, if they were asked. It decides nothing.</param>
internal sealed record TwinResult(Twin Twin, IReadOnlyDictionary<string, TwinOutcome> Outcomes, IReadOnlyDictionary<string, ThreadOutcome> OnThreads)
{
    /// <summary>Caught by its layer; and not under sc, if it is said to need store buffers.</summary>
    internal bool AsExpected => Outcomes.All(pair => pair.Key switch
    {
        EngineCatalog.Coyote or "sc" => pair.Value.Caught == (Twin.Layer == "sc"),
        _ => pair.Value.Caught || pair.Key != Twin.Layer,
    });
}
