namespace Percpu.PinThroughput.Workloads;

/// <summary>All workloads there are, in the order of the table.</summary>
internal static class Catalogue
{
    internal static IReadOnlyList<Workload> All { get; } =
        [new PinWorkload(), new EpochWorkload(), new PagemapWorkload(), new MappedReadWorkload(), new KillWorkload(),
            new MappedRead114846Workload(), new HandleWorkload(), new RentReturnWorkload(), new SwapStormWorkload(),
            new GupWorkload(), new PmemReadWorkload(), new BttWorkload(),
            new PinLatencyWorkload(), new KillLatencyWorkload(), new KillBatchWorkload(), new ReadBatchWorkload(), new MemoryWorkload()];

    /// <summary>What runs only when it is named: they answer a question of their own.</summary>
    internal static IReadOnlyList<Workload> Named { get; } = [new ScopesWorkload(), new MetricsOffWorkload(), new RentElsewhereWorkload(), new ManyThreadsWorkload()];

    /// <summary>What a quick run measures when it is not told.</summary>
    internal static IReadOnlyList<Workload> Quick { get; } = [.. All.Where(workload => workload.Id is "pin" or "epoch" or "mapped-read")];

    internal static Workload? Find(string id) => All.Concat(Named).FirstOrDefault(workload => workload.Id == id);
}
