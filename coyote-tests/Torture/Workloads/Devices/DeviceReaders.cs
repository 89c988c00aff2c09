using System.Runtime.InteropServices;
using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Devices;

/// <summary>Pin pages of the disks and read them; and keep bytes in memory that is moved to a device and back meanwhile.</summary>
internal sealed class DeviceReaders(Stage stage, DeviceWorkload workload)
{
    private const int Batch = 64;

    internal void Run(Member member, int ordinal, int readers)
    {
        var pages = new Page[Batch];
        var kept = new long[DeviceWorkload.MovingPages];
        while (!stage.Crew.Stopping)
        {
            DiskSlot slot = workload.Pick(member);
            switch (member.Random.Below(4))
            {
                case 0:
                    Pin(member, slot, pages);
                    break;
                case 1:
                    Read(member, slot);
                    break;
                default:
                    Keep(member, kept, member.Random.Below(DeviceWorkload.MovingPages / readers) * readers + ordinal, pages);
                    break;
            }
            stage.Faults.Point(member);
        }
    }

    private void Pin(Member member, DiskSlot slot, Page[] pages)
    {
        ulong first = (ulong)member.Random.Below((int)DiskSlot.Pages - Batch);
        Span<Page> batch = pages.AsSpan(0, 1 + member.Random.Below(Batch));
        ulong address = slot.Address + (first << Pfn.PageShift);
        int found;
        try
        {
            found = member.Random.OneIn(4) ? workload.Space.GetUserPages(address, batch) : workload.Space.GetUserPagesFast(address, batch);
        }
        catch (AccessFaultException)
        {
            member.Count(Tallied.PinsRefused);
            return;
        }
        if (member.Random.OneIn(50))
            stage.Faults.Hold(member);
        for (int i = 0; i < found; i++)
        {
            long stamp = MemoryMarshal.Read<long>(workload.Physical.Memory(batch[i]));
            if (stamp != slot.StampOf(first + (ulong)i))
                stage.Findings.Violation($"a pinned page of disk {slot.Index} holds {stamp:x}", member);
        }
        AddressSpace.PutPages(batch[..found]);
        member.Count(Tallied.PagesPinned, found);
    }

    private void Read(Member member, DiskSlot slot)
    {
        Span<byte> bytes = stackalloc byte[512];
        ulong page = (ulong)member.Random.Below((int)DiskSlot.Pages);
        try
        {
            if (member.Random.OneIn(2))
                workload.Space.Read(slot.Address + (page << Pfn.PageShift), bytes);
            else if (slot.Current is not { } plugged || !plugged.Disk.TryRead((long)page << Pfn.PageShift, bytes))
                return;
        }
        catch (Exception refused) when (refused is AccessFaultException or ObjectDisposedException)
        {
            member.Count(Tallied.DiskReadsRefused);
            return;
        }
        member.Count(Tallied.DiskReads);
        if (MemoryMarshal.Read<long>(bytes) != slot.StampOf(page))
            stage.Findings.Violation($"page {page} of disk {slot.Index} holds {MemoryMarshal.Read<long>(bytes):x}", member);
    }

    /// <summary>Only this thread writes the page: it must find what it wrote last, wherever the page has been since.</summary>
    private void Keep(Member member, long[] kept, int page, Page[] pages)
    {
        ulong address = workload.Moving.Start + ((ulong)page << Pfn.PageShift);
        Span<byte> bytes = stackalloc byte[8];
        workload.Space.Read(address, bytes);
        if (MemoryMarshal.Read<long>(bytes) != kept[page])
            stage.Findings.Violation($"page {page} holds {MemoryMarshal.Read<long>(bytes):x} and not {kept[page]:x}", member);
        kept[page] = (long)member.Random.Next();
        BitConverter.TryWriteBytes(bytes, kept[page]);
        member.Count(Tallied.KeptWrites);
        if (member.Random.OneIn(2))
        {
            workload.Space.Write(address, bytes);
            return;
        }
        // Through a pin: the page must not be moved away before the write is done.
        Span<Page> one = pages.AsSpan(0, 1);
        workload.Space.GetUserPagesFast(address, one, GupFlags.Get | GupFlags.Write);
        Thread.SpinWait(member.Random.Below(200));
        bytes.CopyTo(workload.Physical.Memory(one[0]));
        AddressSpace.PutPages(one);
    }
}
