namespace Percpu.Interleavings;

/// <summary>What an exploration came to.</summary>
public enum Outcome
{
    /// <summary>Everything held in every execution that was run: in all there are, if <see cref="Verdict.Exhausted"/>.</summary>
    Held,

    /// <summary>An execution went wrong: see <see cref="Verdict.Message"/>.</summary>
    Violated,

    /// <summary>Nothing can be said: the scenario does not do the same when it is told the same way.</summary>
    Inconclusive,
}
