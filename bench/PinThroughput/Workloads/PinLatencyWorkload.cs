using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Subjects.Pin;

namespace Percpu.PinThroughput.Workloads;

internal sealed class PinLatencyWorkload : Workload
{
    internal override string Id => "pin-latency";

    internal override string Operation => "one pin and unpin, timed by itself: the time includes that of the clock";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "interlocked", "safe-handle", "rwlock-slim", "clock"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override bool IsCompared => false;

    internal override IReadOnlyList<Peer> DotNetPeers =>
        [new("striped-interlocked", () => new StripedInterlockedSubject(timed: true)), new("lock", () => new LockSubject(timed: true))];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuSubject(timed: true), new InterlockedSubject(timed: true), new SafeHandleSubject(timed: true), new RwLockSubject(timed: true), new ClockSubject()]);
}
