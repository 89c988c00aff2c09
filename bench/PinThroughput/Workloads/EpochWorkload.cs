using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Subjects.Epoch;

namespace Percpu.PinThroughput.Workloads;

internal sealed class EpochWorkload : Workload
{
    internal override string Id => "epoch";

    internal override string Operation => "enter a read section, read one shared word, leave";

    internal override string Yardstick => "percpu-epoch";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-epoch", "percpu-epoch-using", "rwlock-slim"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-epoch", "percpu-epoch-using"];

    internal override IReadOnlyList<Peer> DotNetPeers => [new("lock", () => new LockEpochSubject()), .. LightEpochPeer.Sections, .. DotNextEpochPeer.Sections];

    internal override bool HasNativePeers => true;

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuEpochSubject(), new PercpuEpochUsingSubject(), new RwLockEpochSubject()]);
}
