using System.Globalization;
using Percpu.PinThroughput.Subjects.Kill;

namespace Percpu.PinThroughput.Workloads;

internal sealed class KillBatchWorkload : Workload
{
    private const string Batch = "batch";

    private static readonly string[] Sizes = ["1", "10", "100", "1000"];

    internal override string Id => "kill-batch";

    internal override string Operation => "kill one reference in a KillAll of so many, by one thread, while the other threads pin";

    internal override string Yardstick => "kill-all";

    internal override IReadOnlyList<string> SubjectIds => ["kill-all"];

    internal override IReadOnlyList<string> OwnIds => ["kill-all"];

    internal override bool IsCompared => false; // It has nothing to be related to; kill compares KillAll of 1,000.

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [.. Sizes.Select(batch => new Dictionary<string, string> { [Batch] = batch })];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int size = int.Parse(parameters[Batch], CultureInfo.InvariantCulture);
        return new WorkloadInstance([new KillSubject("kill-all", batch => Ways.KillInSlices(batch, size), kills: true)]);
    }
}
