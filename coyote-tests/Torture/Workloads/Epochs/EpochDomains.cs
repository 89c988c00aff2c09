using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Epochs;

/// <summary>Ends worlds under their readers and writers, and begins others, perhaps on a recycled offset.</summary>
internal sealed class EpochDomains(Stage stage, EpochWorkload workload)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            Thread.Sleep(1 + member.Random.Below(8));
            World old = workload.Pick(member);
            var next = new World(old.Index, member.Random.OneIn(2));
            next.Exchange(workload.CreateBlock());
            workload.Replace(old, next);
            member.Trail.Note("end of a world", old.Index);
            if (member.Random.OneIn(2))
                Drop(member, old);
            else
                Dispose(member, old);
            stage.Faults.Point(member);
        }
    }

    /// <summary>Disposed of while readers enter and writers retire: these are refused or served, nothing is lost.</summary>
    private void Dispose(Member member, World world)
    {
        world.Domain.Dispose();
        member.Count(Tallied.DomainsDisposed);
        WaitFor(() => world.Writers == 0, member, $"world {world.Index}: a writer hangs in a disposed domain");
        Block last = world.Exchange(default);
        world.Domain.WaitForReaders();
        if (!last.IsNull)
            stage.Quarantine.Take(last);
        WaitFor(() => world.Retired == world.Reclaimed, member, $"world {world.Index}: what was retired beside Dispose is never reclaimed");
    }

    /// <summary>Left to the collector, which recycles its offset.</summary>
    private void Drop(Member member, World world)
    {
        WaitFor(() => world.Writers == 0, member, $"world {world.Index}: a writer hangs");
        Block last = world.Exchange(default);
        world.Domain.Synchronize();
        if (!last.IsNull)
            stage.Quarantine.Take(last);
        world.Domain.Barrier();
        world.Domain.Barrier(); // What callbacks retired.
        member.Count(Tallied.DomainsDropped);
        if (world.Retired != world.Reclaimed)
            stage.Findings.Violation($"world {world.Index}: {world.Reclaimed} of {world.Retired} are reclaimed after Barrier", member);
    }

    private void WaitFor(Func<bool> condition, Member member, string otherwise)
    {
        // Also when the run ends meanwhile: it ends only after this.
        if (!SpinWait.SpinUntil(condition, Patience) && !stage.Findings.Any)
            stage.Findings.Violation(otherwise, member);
    }
}
