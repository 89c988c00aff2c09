using System.Globalization;
using Percpu.PinThroughput.Subjects.Memory;

namespace Percpu.PinThroughput.Workloads;

internal sealed class MemoryWorkload : Workload
{
    private const string References = "references";

    private static readonly string[] Sizes = ["100000", "300000", "1000000"], Alive = ["2", "100", "1000", "10000"];

    internal override string Id => "memory";

    internal override string Operation => "create one reference of so many, on which each thread then counts; with the memory it takes, in a process of its own";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "interlocked", "safe-handle", "rwlock-slim"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override int? Rounds => 1; // Bytes do not wobble; each round is a process.

    internal override bool IsCompared => false;

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [
            .. Sizes.Select(count => new Dictionary<string, string> { [References] = count }),
            .. Alive.Select(count => new Dictionary<string, string> { [References] = "1000", [ManyThreadsWorkload.ThreadsAlive] = count }),
        ];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int? alive = parameters.TryGetValue(ManyThreadsWorkload.ThreadsAlive, out string? count) ? int.Parse(count, CultureInfo.InvariantCulture) : null;
        // What threads take beside others that count: only ours takes anything.
        IEnumerable<string> subjects = alive is null ? SubjectIds : OwnIds;
        return new WorkloadInstance([.. subjects.Select(id => new MemorySubject(id, parameters[References], alive))]);
    }
}
