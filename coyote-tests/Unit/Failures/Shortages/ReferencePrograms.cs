namespace Percpu.Unit.Failures.Shortages;

/// <summary>References of every kind, through all that can happen to them.</summary>
internal static class ReferencePrograms
{
    internal static void Run(LastSteps last, string folder)
    {
        foreach (PercpuRefOptions options in new[]
        {
            PercpuRefOptions.None, PercpuRefOptions.AllowReinit, PercpuRefOptions.InitAtomic, PercpuRefOptions.InitDead,
            PercpuRefOptions.TrackHolders, PercpuRefOptions.TrackHolders | PercpuRefOptions.AllowReinit,
        })
            Use(last, options);

        int released = 0;
        var batch = new PercpuRef[3];
        for (int i = 0; i < batch.Length; i++)
            batch[i] = last.Add(new PercpuRef(_ => released++));
        try
        {
            PercpuRef.KillAll(batch);
        }
        finally
        {
            foreach (PercpuRef each in batch.Where(each => !each.IsDying))
                each.Kill(); // None was: a batch is killed or is not.
            last.Check(released == batch.Length, "Not every reference of the batch was released.");
        }
        Task asked = batch[0].Released;
        last.Check(asked.IsCompletedSuccessfully, "Released is not complete.");
    }

    private static void Use(LastSteps last, PercpuRefOptions options)
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, options);
        try
        {
            bool dead = options.HasFlag(PercpuRefOptions.InitDead);
            if (dead)
                reference.Reinit();
            reference.Get();
            try
            {
                using (reference.Pin())
                    Worker(reference);
                _ = reference.GetHolders();
                try
                {
                    reference.WaitForReleaseOrThrow(TimeSpan.Zero);
                }
                catch (ReleaseTimeoutException)
                {
                }
                _ = reference.ToString();
                reference.SwitchToAtomic();
                reference.SwitchToPercpuIf(options);
            }
            finally
            {
                reference.Put();
            }
            reference.Kill();
            last.Check(released == 1 && reference.WaitForRelease(TimeSpan.Zero), "A killed reference was not released once.");
            if (!options.HasFlag(PercpuRefOptions.AllowReinit))
                return;
            reference.Reinit();
            reference.Get();
            reference.Kill();
            reference.Resurrect();
            reference.Put();
        }
        finally
        {
            if (!reference.IsDying)
                reference.Kill();
            last.Add(reference);
        }
    }

    private static void SwitchToPercpuIf(this PercpuRef reference, PercpuRefOptions options)
    {
        if ((options & (PercpuRefOptions.AllowReinit | PercpuRefOptions.InitAtomic)) != 0)
            reference.SwitchToPercpu();
    }

    private static void Worker(PercpuRef reference)
    {
        var thread = new Thread(() =>
        {
            if (reference.TryGetLive())
                reference.Put();
        });
        thread.Start();
        thread.Join();
    }
}
