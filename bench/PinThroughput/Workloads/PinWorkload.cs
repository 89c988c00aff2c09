using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Subjects.Pin;

namespace Percpu.PinThroughput.Workloads;

internal sealed class PinWorkload : Workload
{
    internal override string Id => "pin";

    internal override string Operation => "take a reference unless it was killed, and give it back";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "interlocked", "safe-handle", "rwlock-slim"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override IReadOnlyList<Peer> DotNetPeers =>
        [
            new("striped-interlocked", () => new StripedInterlockedSubject()),
            new("lock", () => new LockSubject()),
            .. CounterPeers.Pins,
            .. LightEpochPeer.Pins,
        ];

    internal override bool HasNativePeers => true;

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuSubject(), new InterlockedSubject(), new SafeHandleSubject(), new RwLockSubject()]);
}
