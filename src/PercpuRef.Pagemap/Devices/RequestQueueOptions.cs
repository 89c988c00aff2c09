namespace Percpu.Pagemap;

/// <summary>Settings of a <see cref="RequestQueue"/>.</summary>
public sealed class RequestQueueOptions
{
    /// <summary>For messages; null for none. A disk gives its queue its own name.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it is remembered who enters, for <see cref="PercpuRef.GetHolders"/> of <see cref="RequestQueue.Usage"/>
    /// and for the reports of a freeze that waits long. Every entering and leaving then costs microseconds: for finding a leak.
    /// The switch <c>Percpu.TrackHolders</c> in <c>runtimeconfig.json</c> does the same for all queues.</summary>
    public bool TrackHolders { get; init; }

    /// <summary>How long a freeze, or the end of the queue, may wait for those inside before that is reported as an event,
    /// and again each time the wait has doubled. Positive; default 10 seconds.</summary>
    public TimeSpan StallReportAfter { get; init; } = PercpuRef.DefaultStallReportAfter;
}
