using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Epochs;

/// <summary>Read sections, short ones in tight loops and long ones, and threads that end after one.</summary>
internal sealed class EpochReaders(Stage stage, EpochWorkload workload)
{
    private const int Batch = 256;

    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            World world = workload.Pick(member);
            try
            {
                if (member.Random.OneIn(6))
                    ReadLong(member, world);
                else
                    ReadInTightLoop(member, world);
            }
            catch (ObjectDisposedException)
            {
                member.End();
                member.Count(Tallied.SectionsRefused);
            }
            stage.Faults.Point(member);
        }
    }

    /// <summary>Starts threads that read a little and end: areas change owners under grace periods.</summary>
    internal void RunUsher(Member member, int most)
    {
        while (!stage.Crew.Stopping)
        {
            if (stage.Crew.TryStartVisitor(most, Visit))
                member.Count(Tallied.ThreadsStarted);
            else
                Thread.Sleep(0);
            stage.Faults.Point(member);
        }
    }

    private void Visit(Member member)
    {
        try
        {
            ReadLong(member, workload.Pick(member));
        }
        catch (ObjectDisposedException)
        {
            member.End();
            member.Count(Tallied.SectionsRefused);
        }
    }

    /// <summary>Enter, look, leave. The leaving store of one round and the announcement of the next lie in one store buffer.</summary>
    private void ReadInTightLoop(Member member, World world)
    {
        EpochDomain domain = world.Domain;
        // Some look at once, some a little later: what was freed too early is poisoned some 100 nanoseconds after.
        int pause = Math.Max(0, member.Random.Below(16) - 8);
        long sections = 0, unlinked = 0;
        for (; sections < Batch; sections++)
        {
            using EpochReader reader = domain.Enter();
            member.Begin(world.Index);
            Block block = world.Published;
            if (!block.IsNull)
            {
                if (pause > 0)
                    Thread.SpinWait(pause);
                bool intact = block.HasPattern(2 + (int)(sections & 7));
                long age = block.Age;
                if (!intact || age > 1)
                    Report(member, world, block, age);
                unlinked += age & 1;
            }
            member.End();
        }
        member.Count(Tallied.Sections, sections);
        member.Ages.Add(0, sections - unlinked);
        member.Ages.Add(1, unlinked);
    }

    /// <summary>Delays inside, nested sections, and everything looked at again at the end.</summary>
    private void ReadLong(Member member, World world)
    {
        using EpochReader reader = world.Domain.Enter();
        member.Begin(world.Index);
        Block block = world.Published;
        Look(member, world, block);
        stage.Faults.Hold(member);
        for (int i = member.Random.Below(3); i > 0; i--)
        {
            // Leaving an inner section must not leave the outer one. A domain that is being disposed of refuses it.
            using EpochReader inner = world.Domain.Enter();
            member.Count(Tallied.NestedSections);
            Look(member, world, world.Published);
            stage.Faults.Hold(member);
        }
        stage.Faults.Hold(member);
        Look(member, world, block);
        member.End();
        member.Count(Tallied.Sections);
    }

    private void Look(Member member, World world, Block block)
    {
        if (block.IsNull)
            return;
        bool intact = block.IsIntact();
        long age = block.Age;
        member.Ages.Add(age);
        if (!intact || age > 1)
            Report(member, world, block, age);
    }

    private void Report(Member member, World world, Block block, long age) =>
        stage.Findings.Violation($"inside a section of world {world.Index}: block of age {age}, {(block.IsIntact() ? "intact" : "poisoned")}", member);
}
