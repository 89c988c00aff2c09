using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>The pools of the process, as the meter sees them. Holds none of them.</summary>
internal static class SlabPools
{
    private static readonly ConditionalWeakTable<SlabPool, object?> Table = CreateTable();

    internal static void Add(SlabPool pool) => Table.Add(pool, null);

    private static ConditionalWeakTable<SlabPool, object?> CreateTable()
    {
        var table = new ConditionalWeakTable<SlabPool, object?>();
        PercpuMeter.Meter.CreateObservableUpDownCounter("percpu.pool.idle", () => table.Sum(pair => pair.Key.IdleBytes), "By", "Memory of pools in blocks that nobody rents.");
        PercpuMeter.Meter.CreateObservableUpDownCounter("percpu.pool.mapped", () => table.Sum(pair => pair.Key.MappedBytes), "By", "Memory of pools, retired slabs included.");
        return table;
    }
}
