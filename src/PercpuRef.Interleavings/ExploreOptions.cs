namespace Percpu.Interleavings;

/// <summary>How to explore a scenario.</summary>
public sealed record ExploreOptions
{
    /// <summary>What the machine may do.</summary>
    public MemoryModel Model { get; init; } = MemoryModel.Sequential;

    /// <summary>How executions are chosen.</summary>
    public Strategy Strategy { get; init; } = Strategy.Exhaustive;

    /// <summary>At most so many preemptions in an execution: switches away from a thread that could go on. Null for no bound; else 0 or more, and
    /// only with <see cref="Strategy.Exhaustive"/>.</summary>
    public int? Preemptions { get; init; }

    /// <summary>For the random strategies.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>At most so many executions, at least 1; null for <see cref="Scenario.DefaultExecutions"/>.</summary>
    public long? Executions { get; init; }

    /// <summary>At most so long, more than zero; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan Time { get; init; } = Timeout.InfiniteTimeSpan;

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Model);
        if (!Enum.IsDefined(Strategy))
            throw new ArgumentOutOfRangeException(nameof(Strategy), Strategy, "No such strategy.");
        if (Preemptions is { } preemptions && (preemptions < 0 || Strategy != Strategy.Exhaustive))
            throw new ArgumentException("A bound of preemptions is 0 or more, and goes with the exhaustive strategy only.", nameof(Preemptions));
        if (Executions is < 1)
            throw new ArgumentOutOfRangeException(nameof(Executions), Executions, "At least one execution.");
        if (Time <= TimeSpan.Zero && Time != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(Time), Time, "More than zero, or infinite.");
    }
}
