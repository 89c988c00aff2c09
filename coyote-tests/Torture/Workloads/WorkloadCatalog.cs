using Percpu.Torture.Parts;
using Percpu.Torture.Workloads.Counting;
using Percpu.Torture.Workloads.Devices;
using Percpu.Torture.Workloads.Epochs;
using Percpu.Torture.Workloads.Mapped;
using Percpu.Torture.Workloads.Pagemaps;
using Percpu.Torture.Workloads.Threads;

namespace Percpu.Torture.Workloads;

/// <summary>The workloads by their names on the command line.</summary>
internal static class WorkloadCatalog
{
    internal static readonly IReadOnlyList<(string Name, string What, Func<Stage, Workload> Create)> All =
    [
        ("count", "references killed, revived, switched, disposed of and handed over under readers", stage => new CountWorkload(stage)),
        ("threads", "thousands of threads that start, take, hand over and end, under kills", stage => new ThreadsWorkload(stage)),
        ("epoch", "read sections under retirements, grace periods and domains that end", stage => new EpochWorkload(stage)),
        ("mapped", "mapped files disposed of, swapped and dropped under readers", stage => new MappedWorkload(stage)),
        ("pagemap", "device maps killed, drained and removed under lookups and cached gets", stage => new PagemapWorkload(stage)),
        ("device", "disks bound, mapped, pinned, read and unbound, and pages moved to a device and back", stage => new DeviceWorkload(stage)),
    ];
}
