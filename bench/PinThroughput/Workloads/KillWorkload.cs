using Percpu.PinThroughput.Subjects.Kill;

namespace Percpu.PinThroughput.Workloads;

internal sealed class KillWorkload : Workload
{
    internal override string Id => "kill";

    internal override string Operation => "kill one reference, by one thread, while the other threads pin";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "fence";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "kill-all-1000", "fence"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref", "kill-all-1000"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new(
        [
            new KillSubject("percpu-ref", Ways.KillEach, kills: true),
            new KillSubject("kill-all-1000", Ways.KillAll, kills: true),
            new KillSubject("fence", Ways.Fence, kills: false),
        ]);
}
