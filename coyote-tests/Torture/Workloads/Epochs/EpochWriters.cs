using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Epochs;

/// <summary>Unlinks published blocks and frees them: by Retire, by waiting, by a cookie.</summary>
internal sealed class EpochWriters(Stage stage, EpochWorkload workload)
{
    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            World world = workload.Pick(member);
            world.EnterWriter();
            try
            {
                Publish(member, world);
            }
            finally
            {
                world.ExitWriter();
            }
            stage.Faults.Point(member);
        }
    }

    private void Publish(Member member, World world)
    {
        Block next = workload.CreateBlock();
        if (stage.Crew.AwaitReaderAt(world.Index, 200))
            member.Count(Tallied.KillsBesideRunningReaders);
        Block block = world.Exchange(next);
        CountReadersInside(member, world);
        member.Count(Tallied.Publications);
        if (block.IsNull)
            block = world.Exchange(default); // The world has ended: take ours back, for nobody would free it.
        if (!block.IsNull)
            Free(member, world, block);
        if (member.Random.OneIn(16))
            Drain(member, world);
    }

    private void Free(Member member, World world, Block block)
    {
        world.CountRetired(1);
        try
        {
            switch (member.Random.Below(16))
            {
                case 0 or 1:
                    world.Domain.Synchronize();
                    member.Count(Tallied.Synchronizations);
                    workload.Reclaim(world, block);
                    break;
                case 2 or 3:
                    WaitByCookie(member, world);
                    workload.Reclaim(world, block);
                    break;
                case 4:
                    world.Domain.SynchronizeAsync().GetAwaiter().GetResult();
                    member.Count(Tallied.Synchronizations);
                    workload.Reclaim(world, block);
                    break;
                case 5:
                    // Retired from inside a callback: a grace period more.
                    world.Domain.Retire((world, block, workload), static late => RetireAgain(late.world, late.block, late.workload));
                    member.Count(Tallied.Retirements, 2);
                    break;
                default:
                    world.Domain.Retire((world, block, workload), static last => last.workload.Reclaim(last.world, last.block));
                    member.Count(Tallied.Retirements);
                    break;
            }
            if (!world.Background && member.Random.OneIn(4))
                member.Count(Tallied.Reclaims, world.Domain.Reclaim());
        }
        catch (ObjectDisposedException)
        {
            // Refused, so the block is still ours. Readers that came before the disposal may be inside.
            member.Count(Tallied.RetirementsRefused);
            world.Domain.WaitForReaders();
            workload.Reclaim(world, block);
        }
    }

    private static void RetireAgain(World world, Block block, EpochWorkload workload)
    {
        try
        {
            world.Domain.Retire((world, block, workload), static last => last.workload.Reclaim(last.world, last.block));
        }
        catch (ObjectDisposedException)
        {
            workload.Reclaim(world, block); // Refused by a domain that is being disposed of; one grace period has passed.
        }
    }

    private void WaitByCookie(Member member, World world)
    {
        EpochCookie cookie = world.Domain.StartGracePeriod();
        member.Count(Tallied.Cookies);
        if (world.Domain.HasElapsed(cookie))
            return;
        member.Count(Tallied.CookiesHeldUp);
        var wait = default(SpinWait);
        while (!world.Domain.HasElapsed(cookie))
            wait.SpinOnce();
        if (!world.Domain.HasElapsed(cookie))
            stage.Findings.Violation($"world {world.Index}: a cookie that had elapsed has not", member);
    }

    /// <summary>Barrier: everything that was retired before is reclaimed after.</summary>
    private void Drain(Member member, World world)
    {
        bool reclaimed = false;
        Block mine = workload.CreateBlock();
        mine.Age = 1;
        world.CountRetired(1);
        try
        {
            world.Domain.Retire(() =>
            {
                workload.Reclaim(world, mine);
                Volatile.Write(ref reclaimed, true);
            });
        }
        catch (ObjectDisposedException)
        {
            member.Count(Tallied.RetirementsRefused);
            workload.Reclaim(world, mine); // Nobody ever saw it.
            return;
        }
        world.Domain.Barrier();
        member.Count(Tallied.Barriers);
        if (!Volatile.Read(ref reclaimed))
            stage.Findings.Violation($"world {world.Index}: Barrier has returned before what was retired before it was reclaimed", member);
    }

    private void CountReadersInside(Member member, World world)
    {
        for (int i = 0; i < Crew.Rows; i++)
        {
            if (Whereabouts.IsInside(stage.Crew.InsideOf(i), world.Index))
                member.Count(Tallied.ReadersInsideAtUnlink);
        }
    }
}
