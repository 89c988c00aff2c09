using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Pagemaps;

/// <summary>Looks frames up, uses their memory, gives them back; runs of frames by the cached path.</summary>
internal sealed class PagemapReaders(Stage stage, PagemapWorkload workload)
{
    private const int Batch = 64;

    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            DeviceSlot slot = workload.Pick(member);
            if (member.Random.OneIn(4))
                ReadRun(member, slot);
            else
                ReadSingly(member, slot);
            stage.Faults.Point(member);
        }
    }

    private void ReadSingly(Member member, DeviceSlot slot)
    {
        for (int i = 0; i < Batch; i++)
        {
            bool killing = slot.IsKilling;
            member.Begin(slot.Index);
            DevPagemap? map = workload.Table.GetDevPagemap(FrameOf(member, slot));
            member.End();
            if (map is null)
            {
                member.Count(Tallied.LookupsMissed);
                return;
            }
            if (killing)
                member.Count(Tallied.WonWhileKilling);
            member.Count(Tallied.Lookups);
            CheckHeld(member, slot, map);
            PagemapTable.PutDevPagemap(map);
        }
    }

    /// <summary>Holds a map and takes more of its frames by it, also when it is dying meanwhile.</summary>
    private void ReadRun(Member member, DeviceSlot slot)
    {
        DevPagemap? map = workload.Table.GetDevPagemap(FrameOf(member, slot));
        if (map is null)
        {
            member.Count(Tallied.LookupsMissed);
            return;
        }
        member.Count(Tallied.Lookups);
        for (int i = 0; i < Batch; i++)
        {
            DevPagemap? again = workload.Table.GetDevPagemap(FrameOf(member, slot), map);
            if (!ReferenceEquals(again, map))
                stage.Findings.Violation($"slot {slot.Index}: the cached get returned another map", member);
            member.Count(Tallied.CachedGets);
            if (map.Reference.IsDying)
                member.Count(Tallied.CachedGetsWhileDying);
            CheckHeld(member, slot, map);
            if (i == Batch / 2)
                stage.Faults.Hold(member);
            PagemapTable.PutDevPagemap(again);
        }
        ReadElsewhere(member, map);
        CheckHeld(member, slot, map);
        PagemapTable.PutDevPagemap(map);
    }

    /// <summary>A frame that is not in the cached map is looked up; the caller's reference stays as it is.</summary>
    private void ReadElsewhere(Member member, DevPagemap cached)
    {
        DeviceSlot other = workload.Pick(member);
        DevPagemap? map = workload.Table.GetDevPagemap(FrameOf(member, other), cached);
        if (map is null)
            return;
        CheckHeld(member, other, map);
        PagemapTable.PutDevPagemap(map);
        // In the same section but outside of the map: nothing.
        if (workload.Table.GetDevPagemap(new Pfn(other.Range.End.Value)) is { } outside)
        {
            PagemapTable.PutDevPagemap(outside);
            stage.Findings.Violation($"slot {other.Index}: a frame behind its end was found", member);
        }
    }

    private void CheckHeld(Member member, DeviceSlot slot, DevPagemap map)
    {
        Block memory = slot.Memory;
        long age = memory.Age;
        if (age == 0 && slot.IsKilling)
            age = 1;
        member.Ages.Add(age);
        if (age > 1 || !memory.IsIntact() || !ReferenceEquals(map.Reference, slot.Reference) || map.Range != slot.Range)
            stage.Findings.Violation($"holds slot {slot.Index}, but its memory has age {age}, same reference {ReferenceEquals(map.Reference, slot.Reference)}", member);
    }

    private static Pfn FrameOf(Member member, DeviceSlot slot) =>
        new(slot.Range.Start.Value + member.Random.Next() % slot.Range.Length);
}
