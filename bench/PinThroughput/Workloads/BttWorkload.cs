using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Subjects.Btt;

namespace Percpu.PinThroughput.Workloads;

/// <summary>Sectors that a power cut leaves wholly old or wholly new. Each subject has a file of its own, in memory where the system has
/// such a folder: what is measured is the way to the medium.</summary>
internal sealed class BttWorkload : Workload
{
    private const string OperationName = "operation", Write = "write";

    // Found each time it is asked for: a build may come between.
    private static string? Peer => NativePeers.Find("pmemblk-peer");

    internal override string Id => "btt";

    internal override string Operation => "read one random sector of 4 KiB, of a btt of 48 MiB, or with operation=write write it";

    internal override string Yardstick => Peer is null ? "file-write-through" : "libpmemblk";

    internal override IReadOnlyList<string> SubjectIds =>
        Peer is null ? ["percpu-btt", "file-write-through"] : ["percpu-btt", "libpmemblk", "file-write-through"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-btt"];

    internal override IReadOnlyList<(string Subject, string Reason)> NotRun =>
        Peer is null ? [("libpmemblk", $"not built; {NativePeers.Build} builds it.")] : [];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [new Dictionary<string, string>(), new Dictionary<string, string> { [OperationName] = Write }];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        bool writes = parameters.GetValueOrDefault(OperationName) == Write;
        List<Subject> subjects = [];
        try
        {
            subjects.Add(new DiskSubject(writes));
            if (Peer is { } peer)
                subjects.Add(new PmemblkSubject(peer, writes));
            subjects.Add(new FileSubject(writes));
            return new WorkloadInstance(subjects);
        }
        catch
        {
            subjects.ForEach(subject => subject.Dispose());
            throw;
        }
    }
}
