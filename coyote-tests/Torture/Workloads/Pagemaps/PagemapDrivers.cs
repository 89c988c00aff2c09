using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Pagemaps;

/// <summary>Plugs devices in and out, each thread those of its own slots: register, use, kill, drain, poison, unregister.</summary>
internal sealed class PagemapDrivers(Stage stage, PagemapWorkload workload)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private long _devices;

    internal void Run(Member member, DeviceSlot[] slots)
    {
        var plugged = new DevPagemap?[slots.Length];
        while (!stage.Crew.Stopping)
        {
            int i = member.Random.Below(slots.Length);
            if (plugged[i] is null)
                plugged[i] = Plug(member, slots[i]);
            else if (member.Random.OneIn(3))
                Unplug(member, slots[i], ref plugged[i]);
            if (member.Random.OneIn(4))
                Thread.SpinWait(member.Random.Below(2000));
            stage.Faults.Point(member);
        }
        for (int i = 0; i < slots.Length; i++)
            Unplug(member, slots[i], ref plugged[i]);
    }

    private DevPagemap Plug(Member member, DeviceSlot slot)
    {
        var reference = new PercpuRef(_ => stage.Quarantine.Take(slot.Memory));
        slot.Plug(Block.Create(Interlocked.Increment(ref _devices)), reference);
        DevPagemap map = workload.Table.Register(slot.Range, reference);
        member.Count(Tallied.Registrations);
        member.Trail.Note("plug", slot.Index);
        return map;
    }

    private void Unplug(Member member, DeviceSlot slot, ref DevPagemap? plugged)
    {
        if (plugged is not { } map)
            return;
        if (member.Random.OneIn(4))
            ExpectBusy(member, slot);
        Span<long> buffer = stackalloc long[Crew.Rows];
        if (stage.Crew.AwaitReaderAt(slot.Index, 200))
            member.Count(Tallied.KillsBesideRunningReaders);
        slot.IsKilling = true;
        var watch = new KillWatch(stage.Crew, slot.Index, buffer);
        map.Reference.Kill();
        watch.End(member);
        member.Count(Tallied.Kills);
        if (workload.Table.GetDevPagemap(slot.Range.Start) is { } live)
        {
            PagemapTable.PutDevPagemap(live);
            stage.Findings.Violation($"slot {slot.Index} was found after its kill", member);
        }
        if (!map.Reference.WaitForRelease(Patience))
            stage.Findings.Violation($"slot {slot.Index} is not released", member);
        workload.Table.Unregister(map);
        map.Reference.Dispose();
        plugged = null;
        member.Count(Tallied.Unregistrations);
        member.Trail.Note("unplug", slot.Index);
    }

    /// <summary>A taken range cannot be registered again, nor one that shares a section with it.</summary>
    private void ExpectBusy(Member member, DeviceSlot slot)
    {
        using var other = new PercpuRef();
        try
        {
            workload.Table.Register(new PfnRange(slot.Range.Start, PagemapTable.PagesPerSubsection), other);
            stage.Findings.Violation($"slot {slot.Index} was registered twice", member);
        }
        catch (RangeBusyException)
        {
            member.Count(Tallied.BusyRanges);
        }
    }
}
