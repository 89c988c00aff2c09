namespace Percpu.Torture.Litmus;

/// <summary>What one thread of a pair does in a round.</summary>
internal unsafe interface ISide
{
    /// <param name="x">A word that held the round before.</param>
    /// <param name="y">Another one, on a line of its own.</param>
    /// <param name="round">What to store; never 0.</param>
    /// <returns>Whether what it read is of this round, as one bit for each read.</returns>
    static abstract int Run(long* x, long* y, long round);
}
