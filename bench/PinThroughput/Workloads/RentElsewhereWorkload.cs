using System.Globalization;
using Percpu.Buffers;
using Percpu.PinThroughput.Subjects.Rent;

namespace Percpu.PinThroughput.Workloads;

internal sealed class RentElsewhereWorkload : Workload
{
    private const string Depth = "depth";

    internal override string Id => "rent-elsewhere";

    internal override string Operation => "rent 4 KiB, mark it, hand it over in a ring of 32 (or depth); the other thread checks the mark and returns it";

    internal override string Yardstick => "slab-pool";

    internal override IReadOnlyList<string> SubjectIds => ["slab-pool", "array-pool", "memory-pool"];

    internal override IReadOnlyList<string> OwnIds => ["slab-pool"];

    internal override IReadOnlyList<int> Threads => [2];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants { get; } =
        [new Dictionary<string, string>(), new Dictionary<string, string> { [Depth] = "1024" }];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int depth = parameters.TryGetValue(Depth, out string? given) ? int.Parse(given, CultureInfo.InvariantCulture) : 32;
        bool grows = depth > 32; // How many are under way is chance: the pool takes a slab more now and then; the array pool keeps 32 a processor.
        var pool = new SlabPool();
        return new WorkloadInstance(
            [
                new HandOverSubject<SlabPoolHandOver, SlabRental>("slab-pool", new SlabPoolHandOver(pool), depth, grows, free: pool.Dispose,
                    isBalanced: () => RentReturnWorkload.IsEmpty(pool)),
                new HandOverSubject<ArrayPoolHandOver, ArrayBlock>("array-pool", default, depth, grows),
                new HandOverSubject<MemoryPoolHandOver, OwnedBlock>("memory-pool", default, depth, mayAllocate: true),
            ]);
    }
}
