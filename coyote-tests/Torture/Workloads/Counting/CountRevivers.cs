using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Counting;

/// <summary>Brings killed references back in every way there is, or replaces them; and switches modes at random.</summary>
internal sealed class CountRevivers(Stage stage, CountWorkload workload)
{
    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            for (int i = 0; i < 4; i++)
                Revive(member, workload.Pick(member));
            Revive(member, workload.PickAny(member));
            stage.Faults.Point(member);
        }
    }

    internal void RunSwitches(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            PercpuRef reference = workload.Pick(member).Life.Reference;
            TrySwitch(member, Tallied.AtomicSwitches, () => reference.SwitchToAtomic());
            Thread.SpinWait(member.Random.Below(100));
            TrySwitch(member, Tallied.PercpuSwitches, reference.SwitchToPercpu);
            if (member.Random.OneIn(8))
                Thread.Sleep(1); // References in percpu mode are what this is about.
            stage.Faults.Point(member);
        }
    }

    private static void TrySwitch(Member member, Tallied what, Action operation)
    {
        try
        {
            operation();
            member.Count(what);
        }
        catch (InvalidOperationException)
        {
            // Disposed, or released: as it should be.
        }
    }

    private void Revive(Member member, Cell cell)
    {
        if (!cell.TryEnterRevival(out long reviving))
            return;
        Life life = cell.Life;
        bool live = life.Reference.Released.IsCompleted ? AfterRelease(member, cell, life) : TryResurrect(member, life);
        cell.ExitRevival(reviving, live);
        member.Trail.Note(live ? "revival" : "no revival", cell.Index, reviving);
    }

    private bool AfterRelease(Member member, Cell cell, Life life)
    {
        if (!life.IsReleased)
            stage.Findings.Violation($"Released of cell {cell.Index} has completed before the callback was done", member);
        if (!member.Random.OneIn(3) && workload.TryReinit(member, life))
            return true;
        cell.Life = workload.CreateLife(member, cell, member.Random.OneIn(8) ? PercpuRefOptions.InitAtomic : PercpuRefOptions.None);
        member.Count(Tallied.Recreations);
        life.Reference.Dispose();
        return true;
    }

    private static bool TryResurrect(Member member, Life life)
    {
        if (!member.Random.OneIn(4))
            return false;
        try
        {
            life.Reference.Resurrect();
            member.Count(Tallied.Resurrections);
            return true;
        }
        catch (InvalidOperationException)
        {
            member.Count(Tallied.ResurrectionsLost); // The last put was faster, or it was disposed of.
            return false;
        }
    }
}
