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
    private readonly bool _isOneOfMany;

    internal Schedule(IReadOnlyList<Workload> workloads, IReadOnlyList<int> threads, TimeSpan total, long operations, PeerSet peers, bool isOneOfMany)
    {
        (_threads, _operations, _peers, _isOneOfMany) = (threads, operations, peers, isOneOfMany);
        _groups = [.. workloads.SelectMany(workload => workload.Variants.Select(variant => (workload, variant)))];
        RowCount = _groups.Where(group => group.Workload.Rounds is null).Sum(group => (group.Workload.SubjectIds.Count + RunningPeers(group.Workload).Count()) * ThreadsOf(group.Workload).Count);
        TimeSpan share = total / Math.Max(1, RowCount);
        Rounds = Math.Clamp((int)(share / WantedRound), FewestRounds, MostRounds) | 1; // Odd: the median is a round.
        RoundTime = share / Rounds;
    }

    internal int RowCount { get; }

    internal int Rounds { get; }

    internal TimeSpan RoundTime { get; }

    /// <summary>Subjects that turned out not to be available, each with the first reason.</summary>
    internal List<NotRun> NotRun { get; } = [];

    /// <summary>Of all rounds so far.</summary>
    internal ProcessorShare Share { get; } = new();

    /// <summary>Measures group by group.</summary>
    internal IReadOnlyList<Row> Run(IMeasuringView view)
    {
        var measured = new List<(Workload Workload, IReadOnlyDictionary<string, string> Parameters, Entry Entry)>();
        int most = _groups.Max(group => ThreadsOf(group.Workload).Max());
        using var workers = new Workers(most);
        var control = new Control(workers, most);
        foreach ((Workload workload, IReadOnlyDictionary<string, string> parameters) in _groups)
            measured.AddRange(Measure(workload, parameters, workers, control, view).Select(entry => (workload, parameters, entry)));
        // Only now is it known how fast the cores usually were.
        return [.. measured.Select(each => Row.Of(each.Workload.Id, each.Parameters, each.Entry, control.LimitOf(each.Entry.Threads)))];
    }

    private List<Entry> Measure(Workload workload, IReadOnlyDictionary<string, string> parameters, Workers workers, Control control, IMeasuringView view)
    {
        using WorkloadInstance instance = workload.Open(parameters);
        List<Entry> entries = [];
        foreach (Peer peer in RunningPeers(workload))
            instance.Add(peer.Create!());
        foreach (Subject subject in instance.Subjects)
            entries.AddRange(subject.CreateEntries(ThreadsOf(workload)));
        view.WarmingUp(workload, parameters);
        if (entries.Exists(entry => entry.RunsHere))
            WarmUp.Run(entries, workers);
        int rounds = workload.Rounds is { } own ? (_isOneOfMany ? 1 : own) : Rounds;
        for (int round = 0; round < rounds || entries.Any(entry => entry.RunsHere && entry.Operations < _operations); round++)
        {
            for (int i = 0; i < entries.Count; i++)
            {
                if (entries[(i + round) % entries.Count] is { NotRun: null } entry)
                    MeasureRound(entry, workers, control);
            }
            view.Measured(workload, parameters, round + 1, Math.Max(round + 1, rounds), entries);
        }
        foreach (Subject subject in instance.Subjects)
            subject.CheckBalance();
        foreach (Entry entry in entries)
        {
            if (entry.NotRun is { } reason && NotRun.TrueForAll(other => (other.Workload, other.Subject, other.Reason) != (workload.Id, entry.Subject.Id, reason)))
                NotRun.Add(new NotRun(workload.Id, entry.Subject.Id, reason));
        }
        return [.. entries.Where(entry => entry.NotRun is null)];
    }

    private void MeasureRound(Entry entry, Workers workers, Control control)
    {
        if (!entry.IsPinned)
        {
            Share.Measure(entry, workers, RoundTime);
            return;
        }
        double before = control.Look(entry.Threads);
        Share.Measure(entry, workers, RoundTime);
        entry.NoteControl(Math.Max(before, control.Look(entry.Threads)));
    }

    private IReadOnlyList<int> ThreadsOf(Workload workload) => workload.Threads ?? _threads;

    private IEnumerable<Peer> RunningPeers(Workload workload) => _peers.Of(workload).Where(peer => peer.Create is not null);
}
