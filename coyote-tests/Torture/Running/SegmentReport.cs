using Percpu.Torture.Parts;

namespace Percpu.Torture.Running;

/// <summary>What one process found out: a workload in one mode, or the litmus tests.</summary>
internal sealed record SegmentReport
{
    public required string Name { get; init; }

    public required string Mode { get; init; }

    /// <summary>The kind of stripes that the process had: thread or cpu.</summary>
    public string Stripes { get; set; } = "";

    public required ulong Seed { get; init; }

    public Verdict Verdict { get; set; }

    public double Seconds { get; set; }

    public SortedDictionary<string, long> Counters { get; init; } = [];

    public long[] AgeHistogram { get; set; } = [];

    public SortedDictionary<string, long> Faults { get; init; } = [];

    /// <summary>Faults this host cannot make, and why: stated, not required.</summary>
    public SortedDictionary<string, string> NotSupported { get; init; } = [];

    /// <summary>What did not happen though it must, for a verdict.</summary>
    public List<string> Missing { get; init; } = [];

    public List<string> Violations { get; init; } = [];

    /// <summary>The last events before a violation.</summary>
    public List<string> LastEvents { get; set; } = [];

    public List<LitmusReport> Litmus { get; init; } = [];

    /// <summary>A run that says nothing, since memory or address space had run out before or in its midst.</summary>
    internal static SegmentReport Starved(string name, StageMode mode, ulong seed, string why) => new()
    {
        Name = name,
        Mode = Reports.NameOf(mode),
        Seed = seed,
        Verdict = Verdict.Inconclusive,
        Missing = { Memory(why) },
    };

    /// <summary>What was missing, and who had none.</summary>
    internal static string Memory(string why) => $"memory, which the run needs ({why})";

    /// <summary>A violation counts most; then what is missing.</summary>
    internal void Conclude() =>
        Verdict = Violations.Count > 0 ? Verdict.Violated : Missing.Count > 0 ? Verdict.Inconclusive : Verdict;
}
