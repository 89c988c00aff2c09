using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Counting;

/// <summary>References that change hands: taken on one thread, put on others, whose first owner may have ended.</summary>
internal sealed class CountRelays(Stage stage, CountWorkload workload)
{
    /// <summary>Puts what others took. Several at once, so that the last puts of a dying reference fall together.</summary>
    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            int put = 0;
            while (workload.TryPutHandedOver(member))
                put++;
            if (put > 1)
                member.Count(Tallied.LastPutRushes);
            if (put == 0)
                Thread.Sleep(0);
            stage.Faults.Point(member);
        }
    }

    /// <summary>Starts threads that take references, leave them to others, and end.</summary>
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
        for (int i = 1 + member.Random.Below(6); i > 0; i--)
        {
            Cell cell = workload.Pick(member);
            Life life = cell.Life;
            int count = 1 + member.Random.Below(4);
            if (!life.Reference.TryGetLiveMany(count))
                continue;
            member.ChangeNet(cell.Index, count);
            member.Count(Tallied.Gets, count);
            for (; count > 0; count--)
            {
                if (!workload.TryHandOver(member, life))
                    new CountReaders(stage).Put(member, life, 1);
            }
        }
        if (member.Random.OneIn(2))
            workload.TryPutHandedOver(member);
    }
}
