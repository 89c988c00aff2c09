using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Peers;

/// <summary>The peers of a run: with <c>--peers</c> all that there are, else none.</summary>
internal sealed class PeerSet(NativePeers? native) : IDisposable
{
    /// <summary>A workload's peers in the order of the table, also those that cannot run here.</summary>
    internal IEnumerable<Peer> Of(Workload workload) =>
        native is null ? [] : workload.HasNativePeers ? workload.DotNetPeers.Concat(native.All) : workload.DotNetPeers;

    /// <summary>All ids of a workload's peers, whether they run here or not.</summary>
    internal static IEnumerable<string> IdsOf(Workload workload) =>
        workload.DotNetPeers.Select(peer => peer.Id).Concat(workload.HasNativePeers ? NativePeers.Ids : []);

    public void Dispose() => native?.Dispose();
}
