using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Devices;

/// <summary>Moves pages to a device's memory and back under those who use them, and takes that memory away now and then.</summary>
internal sealed class PageMover(Stage stage, DeviceWorkload workload)
{
    internal void Run(Member member)
    {
        HmmDevice device = HmmDevice.Add(workload.Accelerator, DeviceWorkload.MovingPages);
        while (!stage.Crew.Stopping)
        {
            int first = member.Random.Below(DeviceWorkload.MovingPages), count = 1 + member.Random.Below(DeviceWorkload.MovingPages - first);
            ulong start = workload.Moving.Start + ((ulong)first << Pfn.PageShift);
            if (member.Random.OneIn(3))
                member.Count(Tallied.PagesMovedBack, device.MigrateToHost(workload.Space, start, (ulong)count));
            else
                member.Count(Tallied.PagesMovedOut, device.MigrateToDevice(workload.Space, start, (ulong)count));
            stage.Faults.Point(member);
            if (!member.Random.OneIn(50))
                continue;
            Remove(member, device);
            device = HmmDevice.Add(workload.Accelerator, DeviceWorkload.MovingPages);
        }
        Remove(member, device);
    }

    // Nobody else moves pages out, so those that this does not bring back are just being faulted back.
    private void Remove(Member member, HmmDevice device)
    {
        member.Count(Tallied.PagesMovedBack, device.MigrateToHost(workload.Space, workload.Moving.Start, DeviceWorkload.MovingPages));
        device.Memory.Remove();
        if (device.AllocatedPages != 0)
            stage.Findings.Violation($"memory was removed while {device.AllocatedPages} of its pages are in use", member);
        member.Count(Tallied.MemoryRemovals);
    }
}
