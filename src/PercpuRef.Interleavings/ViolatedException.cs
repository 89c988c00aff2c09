namespace Percpu.Interleavings;

/// <summary>A scenario did not hold.</summary>
public sealed class ViolatedException : Exception
{
    internal ViolatedException(Verdict verdict)
        : base(verdict.ToString()) => Verdict = verdict;

    /// <summary>What was found.</summary>
    public Verdict Verdict { get; }
}
