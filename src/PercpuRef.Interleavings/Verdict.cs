using System.Globalization;
using System.Text;

namespace Percpu.Interleavings;

/// <summary>What an exploration or a replay found.</summary>
public sealed record Verdict
{
    internal Verdict(string scenario, MemoryModel model)
    {
        Scenario = scenario;
        Model = model;
    }

    /// <summary>The scenario's name.</summary>
    public string Scenario { get; }

    /// <summary>The memory model.</summary>
    public MemoryModel Model { get; }

    /// <summary>What it came to.</summary>
    public Outcome Outcome { get; internal init; }

    /// <summary>Executions that were run and showed something new. With reduction: classes of executions.</summary>
    public long Executions { get; internal init; }

    /// <summary>Executions that repeated what others had shown.</summary>
    public long Redundant { get; internal init; }

    /// <summary>Steps of all of them.</summary>
    public long Steps { get; internal init; }

    /// <summary>Whether all executions there are were run, up to the bound of preemptions. Never with a random strategy.</summary>
    public bool Exhausted { get; internal init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>What went wrong: its kind, a colon, and a sentence. Empty if nothing did.</summary>
    public string Message { get; internal init; } = "";

    /// <summary>Of a violation: a text without spaces that <see cref="Scenario.Replay"/> takes. Else empty.</summary>
    public string Trace { get; internal init; } = "";

    /// <summary>Of a violation or a replay: the steps, one line each: number, who, what, and where in the source.</summary>
    public IReadOnlyList<string> Story { get; internal init; } = [];

    /// <summary>Throws unless everything held.</summary>
    /// <returns>This verdict.</returns>
    /// <exception cref="ViolatedException">It did not. The message has the steps and the trace.</exception>
    public Verdict MustHold() => Outcome == Outcome.Held ? this : throw new ViolatedException(this);

    /// <summary>The verdict for people: what was found, the steps, the trace.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Scenario} under {Model}: {Outcome} in {(Exhausted ? $"all {Executions}" : $"{Executions}")} executions");
        if (Message.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $": {Message}");
        foreach (string step in Story)
            text.Append('\n').Append(step);
        if (Trace.Length > 0)
            text.Append("\ntrace: ").Append(Trace);
        return text.ToString();
    }
}
