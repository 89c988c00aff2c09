using Percpu.Interleavings.Engines;

namespace Percpu.Interleavings.Running;

/// <summary>What an exploration found. Simple types only: also read by reflection, from outside the assembly.</summary>
public sealed record RunResult
{
    public required string Scenario { get; init; }

    public required string Model { get; init; }

    public string Engine { get; init; } = EngineCatalog.BuiltIn;

    public required string Strategy { get; init; }

    /// <summary>Executions that showed something new. With reduction: classes of executions.</summary>
    public long Executions { get; init; }

    /// <summary>Executions that the reduction, or a random choice of Coyote, ran in vain: all of them repeated an earlier one.</summary>
    public long Redundant { get; init; }

    public long Steps { get; init; }

    /// <summary>Whether everything there is was tried.</summary>
    public bool Exhausted { get; init; }

    public double Seconds { get; init; }

    /// <summary>held, violated, or inconclusive.</summary>
    public required string Verdict { get; init; }

    /// <summary>Of a violation: its kind and what happened.</summary>
    public string Message { get; init; } = "";

    /// <summary>Of a violation: what reproduces it.</summary>
    public string Trace { get; init; } = "";

    /// <summary>Of a violation: the command, in the repository's root, that runs this execution again.</summary>
    public string Command => Trace.Length == 0 ? "" : Engine == EngineCatalog.BuiltIn
        ? $"dotnet run -c Release --project coyote-tests/Interleavings -- --replay '{Trace}'"
        : $"dotnet run -c Release --project coyote-tests/Interleavings -- --replay {TraceFile.Write(this)}";

    /// <summary>Of a violation or a replay: the steps, one line each.</summary>
    public IReadOnlyList<string> Story { get; init; } = [];
}
