using Percpu.Torture.Parts;

namespace Percpu.Torture.Running;

/// <summary>The command line, parsed.</summary>
internal sealed record TortureOptions
{
    /// <summary>All in all, starting the processes included.</summary>
    public required double Seconds { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Empty: all.</summary>
    public required string[] Workloads { get; init; }

    public required bool LitmusOnly { get; init; }

    public string? Json { get; init; }

    /// <summary>Run one segment in this very process: what the parent starts, and good under a debugger.</summary>
    public required bool Inline { get; init; }

    public required StageMode Mode { get; init; }

    /// <summary>The kind of stripes to ask for; null: what the library takes by itself.</summary>
    public string? Stripes { get; init; }
}
