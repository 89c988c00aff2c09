namespace Percpu.Interleavings;

/// <summary>How executions are chosen.</summary>
public enum Strategy
{
    /// <summary>All of them, but one for each class of those that differ only in the order of independent steps: dynamic
    /// partial-order reduction. With <see cref="ExploreOptions.Preemptions"/>, all with at most so many, without reduction.</summary>
    Exhaustive,

    /// <summary>Probabilistic concurrency testing: random priorities that change at a few random steps. Repeatable by its seed.</summary>
    Pct,

    /// <summary>A random choice at each step. Repeatable by its seed.</summary>
    Random,
}
