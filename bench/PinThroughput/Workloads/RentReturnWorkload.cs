using Percpu.Buffers;
using Percpu.Examples.Arena;
using Percpu.PinThroughput.Subjects.Rent;

namespace Percpu.PinThroughput.Workloads;

internal sealed class RentReturnWorkload : Workload
{
    internal override string Id => "rent-return";

    internal override string Operation => "rent 4 KiB, write its ends, return it";

    internal override string Yardstick => "slab-pool";

    internal override IReadOnlyList<string> SubjectIds => ["slab-pool", "arena", "array-pool", "memory-pool", "native-memory"];

    internal override IReadOnlyList<string> OwnIds => ["slab-pool", "arena"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var pool = new SlabPool();
        var arena = new ArenaAllocator();
        return new WorkloadInstance(
            [
                new RentSubject<SlabPoolRent>("slab-pool", new SlabPoolRent(pool), free: pool.Dispose, isBalanced: () => IsEmpty(pool)),
                new ArenaSubject(arena),
                new RentSubject<ArrayPoolRent>("array-pool", default),
                new RentSubject<MemoryPoolRent>("memory-pool", default, mayAllocate: true),
                new RentSubject<NativeMemoryRent>("native-memory", default),
            ]);
    }

    internal static bool IsEmpty(SlabPool pool)
    {
        pool.RetireSlabs();
        return pool.MappedBytes == 0;
    }
}
