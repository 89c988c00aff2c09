using Percpu.Torture.Parts;

namespace Percpu.Torture.Faults;

/// <summary>The threads that make faults happen from outside: collections, moves, priorities, stutter, requests for long sleeps.</summary>
internal sealed class FaultDriver : IDisposable
{
    private readonly FaultDesk _desk;
    private readonly List<Thread> _threads = [];
    private volatile bool _stopping;

    internal FaultDriver(FaultDesk desk, Findings findings)
    {
        _desk = desk;
        Start("fault requests", 1, findings, Request);
        Start("fault collector", 2, findings, Collect);
        if (OperatingSystem.IsLinux())
        {
            var shuffler = new Shuffler(desk);
            Start("fault shuffler", 3, findings, shuffler.Step);
            AtEnd = shuffler.Restore;
            return;
        }
        const string why = "only done on Linux (sched_setaffinity, setpriority, /proc)";
        desk.SetNotSupported(Fault.Shuffle, why);
        desk.SetNotSupported(Fault.Priority, why);
        desk.SetNotSupported(Fault.Preemption, why);
    }

    /// <summary>Threads of the driver itself.</summary>
    internal int Threads => _threads.Count;

    private Action? AtEnd { get; }

    public void Dispose()
    {
        _stopping = true;
        foreach (Thread thread in _threads)
            thread.Join();
        AtEnd?.Invoke();
        _desk.SetStutter(false);
    }

    private void Start(string name, int stream, Findings findings, Action<Rng> step)
    {
        var thread = new Thread(() => Run(new Rng(_desk.Seed, 1000 + stream), findings, step), 256 << 10) { IsBackground = true, Name = name };
        _threads.Add(thread);
        thread.Start();
    }

    private void Run(Rng random, Findings findings, Action<Rng> step)
    {
        try
        {
            while (!_stopping)
                step(random);
        }
        catch (Exception exception)
        {
            findings.Violation($"the fault driver itself failed: {exception}");
        }
    }

    private void Request(Rng random)
    {
        int rare = _desk.RareMilliseconds;
        Thread.Sleep(1 + random.Below(rare));
        _desk.WantLongSleep();
        if (random.OneIn(2))
            _desk.WantStall();
        if (!random.OneIn(6))
            return;
        _desk.SetStutter(true);
        Thread.Sleep(1 + random.Below(rare / 4 + 2));
        _desk.SetStutter(false);
    }

    private void Collect(Rng random)
    {
        Thread.Sleep(random.Below(random.OneIn(16) ? 60 : 6));
        int generation = random.Below(16) switch { < 12 => 0, < 14 => 1, _ => 2 };
        GC.Collect(generation, GCCollectionMode.Forced, blocking: !random.OneIn(4));
        _desk.Fire(Fault.Collection);
    }
}
