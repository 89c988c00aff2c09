using Percpu.PinThroughput.Subjects.ManyThreads;

namespace Percpu.PinThroughput.Workloads;

internal sealed class ManyThreadsWorkload : Workload
{
    internal const string OperationName = "operation", ThreadsAlive = "threadsAlive";

    private const string ThreadStripes = "thread-stripes", CpuStripes = "cpu-stripes", Fence = "fence";

    private static readonly string[] Counts = ["2", "100", "1000", "10000"];

    private readonly ManyThreadsAnswers _answers = new();

    internal override string Id => "many-threads";

    internal override string Operation => "one operation (or one of a KillAll of 100) beside so many threads that pinned everything and sleep: processor time of the caller";

    internal override string Yardstick => ThreadStripes;

    internal override string Floor => Fence; // One among as many threads, whatever the operation.

    internal override IReadOnlyList<string> SubjectIds => [ThreadStripes, CpuStripes, Fence];

    internal override IReadOnlyList<string> OwnIds => [ThreadStripes, CpuStripes];

    internal override IReadOnlyList<int>? Threads => [1];

    internal override int? Rounds => 3; // Each is a process.

    internal override bool IsCompared => false; // What it grows by is its answer, not its ratio to a fence.

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [.. ManyThreadsProbe.Operations.SelectMany(_ => Counts, (operation, count) => new Dictionary<string, string> { [OperationName] = operation, [ThreadsAlive] = count })];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new(
        [
            Of(ThreadStripes, Stripes.Thread, parameters),
            Of(CpuStripes, Stripes.Cpu, parameters),
            Of(Fence, ManyThreadsProbe.Fence, parameters),
        ]);

    private ManyThreadsSubject Of(string id, string kind, IReadOnlyDictionary<string, string> parameters) =>
        new(id, kind, parameters[OperationName], parameters[ThreadsAlive], _answers);
}
