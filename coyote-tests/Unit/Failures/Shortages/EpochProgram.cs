namespace Percpu.Unit.Failures.Shortages;

/// <summary>Read sections, grace periods and what waits for them, with and without a thread for reclaiming.</summary>
internal static class EpochProgram
{
    internal static void Run(LastSteps last, string folder)
    {
        last.Add(new EpochDomain()).Synchronize();
        foreach (bool background in new[] { false, true })
        {
            int retired = 0, reclaimed = 0;
            // Whatever failed, when the domain is gone nothing that was retired is lost.
            last.CheckAtLast(() => reclaimed == retired, "What was retired is lost, or was reclaimed twice.");
            EpochDomain domain = last.Add(new EpochDomain(new EpochDomainOptions { BackgroundReclaim = background }));
            for (int i = 0; i < 70; i++)
            {
                using (domain.Enter())
                using (domain.Enter())
                    domain.Retire(() => Interlocked.Increment(ref reclaimed));
                retired++;
                domain.Retire("state", _ => Interlocked.Increment(ref reclaimed));
                retired++;
            }
            EpochCookie cookie = domain.StartGracePeriod();
            domain.Reclaim();
            LastSteps.Do(domain.Synchronize);
            last.Check(domain.HasElapsed(cookie), "A grace period has not elapsed.");
            Task waiting = domain.SynchronizeAsync();
            while (!background && !waiting.IsCompleted)
                domain.Reclaim();
            last.Check(waiting.Wait(TimeSpan.FromSeconds(30)), "SynchronizeAsync did not end within 30 s.");
            LastSteps.Do(domain.Barrier);
        }
    }
}
