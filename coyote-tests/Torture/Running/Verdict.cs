namespace Percpu.Torture.Running;

/// <summary>The outcome of a run; the numbers are the exit codes.</summary>
internal enum Verdict
{
    /// <summary>Nothing was violated, and enough happened to mean something.</summary>
    Held = 0,

    /// <summary>Something that must hold did not.</summary>
    Violated = 1,

    /// <summary>Nothing was violated, but a fault or a kind of overlap did not occur.</summary>
    Inconclusive = 2,

    /// <summary>Cannot run on this system.</summary>
    NotSupported = 3,
}
