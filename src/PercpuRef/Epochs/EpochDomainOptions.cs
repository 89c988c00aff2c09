namespace Percpu;

/// <summary>Settings of an <see cref="EpochDomain"/>.</summary>
public sealed class EpochDomainOptions
{
    /// <summary>Whether a background thread of the library reclaims what was retired (default). It starts when first
    /// needed, ends when idle for a second, and never keeps the process alive. Without it the host calls
    /// <see cref="EpochDomain.Reclaim"/>.</summary>
    public bool BackgroundReclaim { get; init; } = true;

    /// <summary>How long one grace period may wait for a reader before the reader is reported as an event, and again
    /// each time the wait has doubled. Positive; default 10 seconds.</summary>
    public TimeSpan StallReportAfter { get; init; } = TimeSpan.FromSeconds(10);
}
