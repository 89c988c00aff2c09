using Percpu.PinThroughput.Subjects.Pagemap;

namespace Percpu.PinThroughput.Workloads;

internal sealed class PagemapWorkload : Workload
{
    internal override string Id => "pagemap";

    internal override string Operation => "get and put the map of a random page frame among 64 maps";

    internal override string Yardstick => "pin";

    internal override IReadOnlyList<string> SubjectIds => ["cached", "lookup", "pin"];

    internal override IReadOnlyList<string> OwnIds => ["cached", "lookup", "pin"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var maps = new Maps();
        return new WorkloadInstance([new CachedSubject(maps), new LookupSubject(maps), new PinSubject(maps)], maps);
    }
}
