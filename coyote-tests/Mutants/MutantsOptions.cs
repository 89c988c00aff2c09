namespace Percpu.Mutants;

/// <summary>What the command line asks for.</summary>
internal sealed record MutantsOptions
{
    internal required string CommandLine { get; init; }

    internal string[] Layers { get; init; } = [];

    internal string? File { get; init; }

    /// <summary>None: all but those of the order in memory.</summary>
    internal string[] Operators { get; init; } = [];

    internal string? ChangedSince { get; init; }

    /// <summary>0 is all.</summary>
    internal int Sample { get; init; }

    internal int Seed { get; init; }

    internal string[] Mutants { get; init; } = [];

    /// <summary>A file of edits that are written by hand.</summary>
    internal string? Edits { get; init; }

    /// <summary>Test classes by their full names, in place of those that reach a mutant.</summary>
    internal string[] Classes { get; init; } = [];

    internal bool List { get; init; }

    internal bool Explorer { get; init; }

    /// <summary>Of the explorer, for each mutant and model.</summary>
    internal double Seconds { get; init; } = 10;

    internal bool AllTests { get; init; }

    internal TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>0 is no bound.</summary>
    internal double Minutes { get; init; }

    internal int Workers { get; init; } = 1;

    internal string? Json { get; init; }

    internal string? Markdown { get; init; }

    internal bool Strict { get; init; }
}
