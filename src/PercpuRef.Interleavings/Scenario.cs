namespace Percpu.Interleavings;

/// <summary>
/// A small story about a few threads, told anew in every execution: <see cref="Arrange"/> makes the objects, says what each
/// thread does, and what must hold at the end.
/// </summary>
public abstract partial class Scenario
{
    /// <summary>The name, which stands in traces: without colons, spaces or quotes.</summary>
    public abstract string Name { get; }

    /// <summary>The story in one sentence.</summary>
    public virtual string Description => "";

    /// <summary>What would break, in the author's own terms: numbers of invariants, say.</summary>
    public virtual string Covers => "";

    /// <summary>How many variants of the story there are: points at which to stop a thread, allocations to fail. At least 1.</summary>
    public virtual int Variants => 1;

    /// <summary>Executions that explore it well when it is too large to be explored to the end.</summary>
    public virtual long DefaultExecutions => 100_000;

    /// <summary>More steps than any execution needs. One that makes more is reported.</summary>
    public virtual int StepBound => 2_000;

    /// <summary>Makes everything that an execution uses, nothing of which may be left from an earlier one, and adds its threads.</summary>
    public abstract void Arrange(Stage stage);
}
