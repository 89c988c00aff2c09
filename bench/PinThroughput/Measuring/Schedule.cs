using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Measuring;

/// <summary>How the measuring time is divided: evenly among the rows, each row's share into rounds.</summary>
/// <remarks>
/// Within a group (a workload with its parameters) every round runs each subject with each number of threads once, one
/// after the other, and each round starts with another one: whatever disturbs the machine hits them all alike, so that
/// ratios within the group hold where absolute times do not.
/// </remarks>
internal sealed class Schedule
{
    private const int FewestRounds = 5, MostRounds = 15;
    private static readonly TimeSpan WantedRound = TimeSpan.FromMilliseconds(50);

    private readonly IReadOnlyList<(Workload Workload, IReadOnlyDictionary<string, string> Parameters)> _groups;
    private readonly IReadOnlyList<int> _threads;
    private readonly PeerSet _peers;
    private readonly long _operations;

    internal Schedule(IReadOnlyList<Workload> workloads, IReadOnlyList<int> threads, TimeSpan total, long operations, PeerSet peers)
    {
        (_threads, _operations, _peers) = (threads, operations, peers);
        _groups = [.. workloads.SelectMany(workload => workload.Variants.Select(variant => (workload, variant)))];
        RowCount = _groups.Where(group => group.Workload.Rounds is null).Sum(group => (group.Workload.SubjectIds.Count + RunningPeers(group.Workload).Count()) * ThreadsOf(group.Workload).Count);
        TimeSpan share = total / Math.Max(1, RowCount);
        Rounds = Math.Clamp((int)(share / WantedRound), FewestRounds, MostRounds) | 1; // Odd: the median is a round.
        RoundTime = share / Rounds;
    }

    internal int RowCount { get; }

    internal int Rounds { get; }

    internal TimeSpan RoundTime { get; }

    /// <summary>Of all rounds so far.</summary>
    internal ProcessorShare Share { get; } = new();

    /// <summary>Measures group by group.</summary>
    internal IReadOnlyList<Row> Run(IMeasuringView view)
    {
        var rows = new List<Row>();
        using var workers = new Workers(_groups.Max(group => ThreadsOf(group.Workload).Max()));
        foreach ((Workload workload, IReadOnlyDictionary<string, string> parameters) in _groups)
            rows.AddRange(Measure(workload, parameters, workers, view));
        return rows;
    }

    private List<Row> Measure(Workload workload, IReadOnlyDictionary<string, string> parameters, Workers workers, IMeasuringView view)
    {
        using WorkloadInstance instance = workload.Open(parameters);
        List<Entry> entries = [];
        foreach (Peer peer in RunningPeers(workload))
            instance.Add(peer.Create!());
        foreach (Subject subject in instance.Subjects)
            entries.AddRange(subject.CreateEntries(ThreadsOf(workload)));
        view.WarmingUp(workload, parameters);
        WarmUp.Run(entries, workers);
        int rounds = workload.Rounds ?? Rounds;
        for (int round = 0; round < rounds || entries.Any(entry => entry.RunsHere && entry.Operations < _operations); round++)
        {
            for (int i = 0; i < entries.Count; i++)
                Share.Measure(entries[(i + round) % entries.Count], workers, RoundTime);
            view.Measured(workload, parameters, round + 1, Math.Max(round + 1, rounds), entries);
        }
        foreach (Subject subject in instance.Subjects)
            subject.CheckBalance();
        return [.. entries.Select(entry => Row.Of(workload.Id, parameters, entry))];
    }

    private IReadOnlyList<int> ThreadsOf(Workload workload) => workload.Threads ?? _threads;

    private IEnumerable<Peer> RunningPeers(Workload workload) => _peers.Of(workload).Where(peer => peer.Create is not null);
}
