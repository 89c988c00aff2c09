using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>A line for each subject that this machine cannot run.</summary>
internal static class NotRunReport
{
    internal static IReadOnlyList<NotRun> Of(IReadOnlyList<Workload> workloads, PeerSet peers) =>
        [.. workloads.SelectMany(workload => workload.NotRun.Select(each => new NotRun(workload.Id, each.Subject, each.Reason))
            .Concat(peers.Of(workload).Where(peer => peer.NotRun is not null).Select(peer => new NotRun(workload.Id, peer.Id, peer.NotRun!))))];

    internal static void Print(Result result)
    {
        foreach (NotRun each in result.NotRun ?? [])
            Console.WriteLine($"{each.Workload} {each.Subject}: not run: {each.Reason}");
    }
}
