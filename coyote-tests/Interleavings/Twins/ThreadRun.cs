namespace Percpu.Interleavings.Twins;

/// <summary>How a program of a layer of real threads ended.</summary>
/// <param name="ExitCode">Null if it had to be ended.</param>
/// <param name="Output">What it wrote until then.</param>
/// <param name="Seconds">How long it ran.</param>
internal sealed record ThreadRun(int? ExitCode, string Output, double Seconds)
{
    /// <summary>What ended it, if it did not end by itself; null if it did.</summary>
    internal string? Death => ExitCode switch
    {
        null => $"It did not end within {Seconds:F0} seconds, more than twice what the source as it is takes.",
        > 128 or < 0 => $"It crashed with exit code {ExitCode}.",
        _ => null,
    };
}
