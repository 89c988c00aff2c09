using Percpu.PinThroughput.Subjects.Kill;

namespace Percpu.PinThroughput.Workloads;

internal sealed class KillLatencyWorkload : Workload
{
    internal override string Id => "kill-latency";

    internal override string Operation => "kill one reference, timed by itself, by one thread, while the other threads pin";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "fence"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override bool IsCompared => false;

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new(
        [
            new KillSubject("percpu-ref", Ways.KillEach, kills: true) { TimedOne = static reference => reference.Kill() },
            new KillSubject("fence", Ways.Fence, kills: false) { TimedOne = static _ => Interlocked.MemoryBarrierProcessWide() },
        ]);
}
