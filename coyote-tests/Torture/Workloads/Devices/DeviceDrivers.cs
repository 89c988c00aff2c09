using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Devices;

/// <summary>Each binds and unbinds one device: its disk is mapped, used, and taken away under those who use it.</summary>
internal sealed class DeviceDrivers(Stage stage, DeviceWorkload workload)
{
    internal void Run(Member member, DiskSlot slot)
    {
        bool stamped = false;
        while (!stage.Crew.Stopping)
        {
            var disk = (PmemDisk)PmemDriver.Bind(slot.Device, slot.Namespace).Disk;
            if (!stamped)
                Stamp(slot, disk);
            stamped = true;
            Area area = workload.Space.MapDax(disk, 0, DiskSlot.Pages << Pfn.PageShift, address: slot.Address);
            slot.Current = new DiskSlot.Plugged(disk, area);
            member.Count(Tallied.Binds);
            Thread.SpinWait(member.Random.Below(200_000));
            stage.Faults.Point(member);
            if (member.Random.OneIn(2))
                slot.Current = null;
            if (member.Random.OneIn(4))
                workload.Space.Unmap(area); // Before the unbind, with the disk still there.
            slot.Device.Unbind();
            member.Count(Tallied.Unbinds);
            slot.Current = null;
            if (workload.Table.GetDevPagemap(slot.Namespace.Region.Range.Start) is not null)
                stage.Findings.Violation($"disk {slot.Index} is found after its unbind", member);
            if (workload.Space.FindArea(slot.Address) == area)
                workload.Space.Unmap(area);
        }
    }

    private static void Stamp(DiskSlot slot, PmemDisk disk)
    {
        var sector = new byte[512];
        for (ulong page = 0; page < DiskSlot.Pages; page++)
        {
            BitConverter.TryWriteBytes(sector, slot.StampOf(page));
            disk.Write((long)page << Pfn.PageShift, sector);
        }
    }
}
