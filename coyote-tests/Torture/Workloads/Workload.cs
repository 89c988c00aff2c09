using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads;

/// <summary>Something to torture: starts threads, and checks at the end what only the end can show.</summary>
internal abstract class Workload(Stage stage)
{
    protected Stage Stage { get; } = stage;

    protected Crew Crew => Stage.Crew;

    /// <summary>What must have happened, else the run proves nothing.</summary>
    internal abstract IReadOnlyList<Tallied> Evidence { get; }

    internal abstract void Start();

    /// <summary>After all threads of the crew have ended. Counts go to a member of its own.</summary>
    internal abstract void Finish(Member end);

    protected void Check(bool holds, string violation, Member? who = null)
    {
        if (!holds)
            Stage.Findings.Violation(violation, who);
    }
}
