using System.Globalization;
using Percpu.PinThroughput.Subjects.Gup;

namespace Percpu.PinThroughput.Workloads;

internal sealed class GupWorkload : Workload
{
    private const string EntryName = "entry", Large = "2MiB", BatchName = "batch";

    internal override string Id => "gup";

    internal override string Operation => "pin and unpin one page of a mapped pmem disk, 512 at a time in entries of 4 KiB if nothing else is said";

    internal override string Yardstick => "fast";

    internal override string Floor => "walk-only";

    internal override IReadOnlyList<string> SubjectIds => ["fast", "slow", "interlocked-per-page", "walk-only"];

    internal override IReadOnlyList<string> OwnIds => ["fast", "slow"];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
    [
        new Dictionary<string, string>(),
        new Dictionary<string, string> { [BatchName] = "16" },
        new Dictionary<string, string> { [BatchName] = "1" },
        new Dictionary<string, string> { [EntryName] = Large },
        new Dictionary<string, string> { [EntryName] = Large, [BatchName] = "16" },
        new Dictionary<string, string> { [EntryName] = Large, [BatchName] = "1" },
    ];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int batch = parameters.TryGetValue(BatchName, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : PinnedRange.Pages;
        var range = new PinnedRange(parameters.GetValueOrDefault(EntryName) == Large);
        return new WorkloadInstance(
            [
                new GupSubject<FastBatch>("fast", range, batch),
                new GupSubject<SlowBatch>("slow", range, batch),
                new GupSubject<WalkBatch<InterlockedCount>>("interlocked-per-page", range, batch),
                new GupSubject<WalkBatch<NoCount>>("walk-only", range, batch),
            ],
            range);
    }
}
