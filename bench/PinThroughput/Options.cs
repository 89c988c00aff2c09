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

    internal bool Peers { get; init; }

    internal bool List { get; init; }

    internal string Stripes { get; init; } = "auto";
}
