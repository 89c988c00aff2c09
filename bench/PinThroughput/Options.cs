using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput;

/// <summary>What a run is asked to do; made by <see cref="CommandLine"/>.</summary>
internal sealed record Options
{
    internal static readonly TimeSpan QuickTime = TimeSpan.FromSeconds(20);
    internal static readonly TimeSpan FullTime = TimeSpan.FromSeconds(60);
    internal static readonly TimeSpan PeersTime = TimeSpan.FromSeconds(90);

    internal required IReadOnlyList<Workload> Workloads { get; init; }

    /// <summary>Thread counts, ascending, each once.</summary>
    internal required IReadOnlyList<int> Threads { get; init; }

    /// <summary>Time spent in rounds, all together; warming up comes on top.</summary>
    internal required TimeSpan Measuring { get; init; }

    /// <summary>Rounds are added until every row has done so many operations; 0 for no such wish.</summary>
    internal long Operations { get; init; }

    internal FileInfo? Json { get; init; }

    internal FileInfo? Svg { get; init; }

    internal FileInfo? Compare { get; init; }

    /// <summary>An earlier result to show instead of measuring.</summary>
    internal FileInfo? From { get; init; }

    /// <summary>How many processes do the run, one after the other; null for this one alone.</summary>
    internal int? Processes { get; init; }

    /// <summary>An older build whose library is measured too.</summary>
    internal string? Against { get; init; }

    /// <summary>Whether this is one of those processes: it measures what takes a process of its own once only.</summary>
    internal bool IsOneOfMany { get; init; }

    internal bool Peers { get; init; }

    internal bool List { get; init; }

    /// <summary>The kind of stripes asked for; null where the environment decides.</summary>
    internal string? StripeKind { get; init; }
}
