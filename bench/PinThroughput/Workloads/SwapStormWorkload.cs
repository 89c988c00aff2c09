using Percpu.PinThroughput.Subjects.Swap;

namespace Percpu.PinThroughput.Workloads;

internal sealed class SwapStormWorkload : Workload
{
    internal override string Id => "swap-storm";

    internal override string Operation => "map a file of 64 KiB, put it in place of another, dispose of that, by one thread, while the others read and check";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new([new SwapSubject()]);
}
