using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Devices;

/// <summary>Moves pages to a device's memory and back under those who use them, and takes that memory away now and then,
/// by removing it and unbinding its driver at once.</summary>
internal sealed class PageMover(Stage stage, DeviceWorkload workload)
{
    internal void Run(Member member)
    {
        HmmDevice device = Bind(member);
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
            device = Bind(member);
        }
        Remove(member, device);
    }

    private HmmDevice Bind(Member member)
    {
        var driver = new AcceleratorDriver(stage, member);
        workload.Accelerator.Bind(driver);
        return driver.Device;
    }

    // Nobody else moves pages out, so those that this does not bring back are just being faulted back.
    private void Remove(Member member, HmmDevice device)
    {
        member.Count(Tallied.PagesMovedBack, device.MigrateToHost(workload.Space, workload.Moving.Start, DeviceWorkload.MovingPages));
        bool started = false, removed = false;
        int early = member.Random.Below(4_000), late = member.Random.Below(4_000);
        var remover = new Thread(() =>
        {
            Volatile.Write(ref started, true);
            Thread.SpinWait(early);
            removed = device.Memory.Remove();
        });
        remover.Start();
        while (!Volatile.Read(ref started))
            Thread.Yield();
        Thread.SpinWait(late);
        workload.Accelerator.Unbind();
        if (workload.Physical.FindRegion(device.Memory.FirstPfn) is not null)
            stage.Findings.Violation("the memory of a device is there after its unbind", member);
        remover.Join();
        if (removed)
            member.Count(Tallied.RemovalsBeforeUnbind);
        if (device.AllocatedPages != 0)
            stage.Findings.Violation($"memory was removed while {device.AllocatedPages} of its pages are in use", member);
        member.Count(Tallied.MemoryRemovals);
    }
}
