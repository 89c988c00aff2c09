namespace Percpu.Interleavings.Twins;

/// <summary>How to try twins.</summary>
internal sealed record TwinOptions
{
    /// <summary>As it was called, for the result file.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Only these, separated by commas; null for all.</summary>
    public string? Names { get; init; }

    /// <summary>builtin, or coyote: then its column alone.</summary>
    public required string Engine { get; init; }

    /// <summary>Of Coyote.</summary>
    public string Strategy { get; init; } = "auto";

    /// <summary>At most so long for each scenario and model; 0 for the default.</summary>
    public double Seconds { get; init; }

    /// <summary>How long the columns of real threads may take in all.</summary>
    public double ThreadSeconds { get; init; }

    /// <summary>Write the results to this file.</summary>
    public string? Json { get; init; }
}
