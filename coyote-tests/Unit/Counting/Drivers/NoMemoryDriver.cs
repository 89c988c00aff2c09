using Percpu.Memory;

namespace Percpu.Unit.Counting.Drivers;

/// <summary>What runs inside the variant in which no area can be reserved while <see cref="Fails"/> stands. Each method returns what went wrong, or null.</summary>
public static class NoMemoryDriver
{
    private static string? s_violation;

    public static bool Fails { get; set; }

    public static string? Alone() => Guard(() =>
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, PercpuRefOptions.AllowReinit);
        int areas = PerProcess.Stripes.AreaCount;
        Fails = true;
        var others = new List<Thread>();
        for (int i = 0; i < areas; i++)
            others.Add(Occupy(reference)); // So that there is no ended thread's area to take over.
        OnThread(() =>
        {
            reference.Get();
            Expect(PerThread.Area == 0, "the thread has an area");
            Expect(reference.TryGet() && reference.TryGetLive() && reference.TryGetMany(7) && reference.TryGetLiveMany(5), "a get failed");
            reference.PutMany(2);
            Expect(reference.IsPercpu && PerProcess.Stripes.AreaCount == areas, "an area came from nowhere");
            Fails = false;
            reference.Get(); // From here on the thread has an area, and the two places balance.
            Expect(PerThread.Area != 0, "the thread has no area");
            reference.PutMany(13);
        });
        Fails = true;
        OnThread(reference.Get); // Takes over the area of the ended thread, for which no memory is needed.
        Expect(PerProcess.Stripes.AreaCount == areas + 1, "the area was not handed over");
        reference.Kill();
        Expect(released == 0 && !reference.TryGetLive(), "the kill went wrong");
        OnThread(() => { reference.Put(); Expect(released == 0, "too early"); reference.Put(); });
        Expect(released == 1, "not released");
    });

    public static string? Together() => Guard(() =>
    {
        int released = 0, lives = 1;
        var reference = new PercpuRef(_ => Interlocked.Increment(ref released), PercpuRefOptions.AllowReinit);
        int areas = PerProcess.Stripes.AreaCount;
        Fails = true;
        bool stop = false;
        var reader = new Thread(() => { while (!Volatile.Read(ref stop)) if (reference.TryGetLive()) reference.Put(); });
        reader.Start();
        for (int i = 0; i < 1000; i++)
        {
            reference.Kill();
            Expect(!reference.TryGetLive(), "a get after the kill");
            Expect(reference.WaitForRelease(TimeSpan.FromSeconds(20)), "no release");
            reference.Reinit();
            lives++;
        }
        Volatile.Write(ref stop, true);
        reader.Join();
        reference.Kill();
        Expect(released == lives, $"{released} releases of {lives} lives");
        Expect(PerProcess.Stripes.AreaCount == areas, "an area came from nowhere");
    });

    public static string? Growing() => Guard(() =>
    {
        var alive = new List<PercpuRef>();
        int released = 0;
        void Create() { var reference = new PercpuRef(_ => released++); reference.Get(); alive.Add(reference); }
        Create();
        Fails = true;
        bool threw = false;
        try
        {
            while (alive.Count < 20_000)
                Create();
        }
        catch (OutOfMemoryException exception)
        {
            threw = exception.Message.Contains("No memory for 512 stripes more of ");
        }
        Expect(threw, "nothing failed");
        int before = alive.Count;
        try { Create(); Expect(false, "it did not fail again"); } catch (OutOfMemoryException) { }
        Fails = false;
        for (int i = 0; i < 9_000; i++)
            Create();
        Expect(alive.Count == before + 9_000, "the count of references is wrong");
        PercpuRef.KillAll(alive.ToArray());
        Expect(released == 0, "released too early");
        alive.ForEach(reference => reference.Put());
        Expect(released == alive.Count, "not all were released");
    });

    public static string? Small() => Guard(() =>
    {
        const int all = 129_024; // What the smallest bank has words for.
        var alive = new List<PercpuRef>();
        int released = 0;
        void Create() { var reference = new PercpuRef(_ => released++); reference.Get(); alive.Add(reference); }
        string message = "";
        try
        {
            while (alive.Count <= all)
                Create();
        }
        catch (OutOfMemoryException exception)
        {
            message = exception.Message;
        }
        Expect(PerThread.Area != 0, "the thread has no area");
        Expect(alive.Count == all, alive.Count + " references");
        Expect(message.Contains(all.ToString()), "the message is: " + message);
        PercpuRef.KillAll(alive.ToArray());
        alive.ForEach(reference => reference.Put());
        Expect(released == all, "not all were released");
    });

    public static string? Draining() => Guard(() =>
    {
        Fails = true;
        foreach (bool asked in new[] { false, true })
        {
            int released = 0;
            var reference = new PercpuRef(_ => released++);
            reference.Get();
            reference.Kill();
            Expect(!asked || !reference.Released.IsCompleted, "released before the put");
            int releasedBefore = -1;
            var drain = new Thread(() => { reference.Drain("a teardown", TimeSpan.FromMinutes(1)); releasedBefore = Volatile.Read(ref released); });
            drain.Start();
            drain.Join(50); // It cannot end before the put; if it does, it tells.
            reference.Put();
            Expect(drain.Join(TimeSpan.FromMinutes(1)), "the teardown waits for a minute");
            Expect(releasedBefore == 1, "the teardown went on before the release");
        }
    });

    private static string? Guard(Action body)
    {
        s_violation = null;
        OnThread(body);
        Fails = false;
        return s_violation;
    }

    private static void Expect(bool condition, string otherwise) { if (!condition) s_violation ??= otherwise; }

    private static Thread Occupy(PercpuRef reference)
    {
        using var done = new ManualResetEventSlim();
        var thread = new Thread(() => { reference.Get(); reference.Put(); done.Set(); Thread.Sleep(Timeout.Infinite); }) { IsBackground = true };
        thread.Start();
        done.Wait();
        return thread;
    }

    private static void OnThread(Action body)
    {
        var thread = new Thread(() =>
        {
            try { body(); } catch (Exception exception) { s_violation ??= exception.ToString(); }
        });
        thread.Start();
        thread.Join();
    }
}
