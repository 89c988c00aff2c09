using Percpu.PinThroughput.Subjects.ManyThreads;

namespace Percpu.PinThroughput.Subjects.Memory;

/// <summary>Threads that stay alive (an ended thread's stripes would go to the next) and do one thing after the other, all together, until they are told to end.</summary>
internal sealed class SteppedThreads(int count) : IDisposable
{
    private readonly CountdownEvent _done = new(count);
    private readonly ManualResetEvent[] _go = [new(false), new(false)]; // In turns: one is closed while the other is open.
    private volatile Action? _action;
    private int _steps;
    private int _started;

    /// <exception cref="NotAvailableException">The system does not give so many.</exception>
    internal void Start()
    {
        for (; _started < count; _started++)
            SleepingThreads.StartOne(Work, _started, count);
    }

    /// <summary>Lets each do it, and waits for all.</summary>
    internal void Step(Action action) => Next(action);

    public void Dispose()
    {
        Next(null);
        _done.Dispose();
        foreach (ManualResetEvent go in _go)
            go.Dispose();
    }

    private void Next(Action? action)
    {
        _action = action;
        _go[(_steps + 1) % 2].Reset();
        _done.Reset(_started);
        _go[_steps++ % 2].Set();
        _done.Wait();
    }

    private void Work()
    {
        for (int step = 0; ; step++)
        {
            _go[step % 2].WaitOne();
            Action? action = _action;
            action?.Invoke();
            _done.Signal();
            if (action is null)
                return;
        }
    }
}
