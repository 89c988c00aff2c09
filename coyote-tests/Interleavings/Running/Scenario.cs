namespace Percpu.Interleavings.Running;

/// <summary>
/// A small story about a few threads, told anew in every execution: <see cref="Arrange"/> makes the objects, says what each
/// thread does, and what must hold at the end.
/// </summary>
internal abstract class Scenario
{
    /// <summary>The name on the command line.</summary>
    internal abstract string Name { get; }

    /// <summary>The story in one sentence.</summary>
    internal abstract string Description { get; }

    /// <summary>The invariants that would break, such as "I7 I10".</summary>
    internal abstract string Covers { get; }

    /// <summary>How many variants of the story there are: points at which to stop a thread, allocations to fail.</summary>
    internal virtual int Variants => 1;

    /// <summary>Executions that explore it well when it is too large to be explored to the end.</summary>
    internal virtual long DefaultExecutions => 100_000;

    /// <summary>More steps than any execution needs.</summary>
    internal virtual int StepBound => 2_000;

    internal abstract void Arrange(Stage stage);
}
