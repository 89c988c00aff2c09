using Percpu.PinThroughput.Subjects.Handle;
using Percpu.PinThroughput.Subjects.Pin;

namespace Percpu.PinThroughput.Workloads;

internal sealed class HandleWorkload : Workload
{
    internal override string Id => "handle";

    internal override string Operation => "begin and end a use of a native handle";

    internal override string Yardstick => "percpu-handle";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-handle", "safe-handle"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-handle"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuHandleSubject(), new SafeHandleSubject()]);
}
