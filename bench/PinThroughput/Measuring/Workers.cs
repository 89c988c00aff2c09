using System.Runtime.ExceptionServices;

namespace Percpu.PinThroughput.Measuring;

/// <summary>Dedicated threads that run loops and start each round together.</summary>
internal sealed class Workers : IDisposable
{
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly Tally[] _tallies;
    private readonly CountdownEvent _done = new(1);
    private Loop[] _loops = [];
    private long _duration;
    private int _running;
    private int _arrived;
    private Exception? _failure;
    private volatile bool _stopping;

    internal Workers(int count)
    {
        _tallies = new Tally[count];
        _wake = [.. Enumerable.Range(0, count).Select(_ => new SemaphoreSlim(0))];
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() => Work(i)) { IsBackground = true, Name = $"worker {i}" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Runs a round: loop i on thread i, <paramref name="threads"/> of them. Returns what each did.</summary>
    internal ReadOnlySpan<Tally> Run(Loop[] loops, int threads, long duration)
    {
        _loops = loops;
        _duration = duration;
        _running = threads;
        _arrived = 0;
        _done.Reset(threads);
        for (int i = 0; i < threads; i++)
            _wake[i].Release();
        _done.Wait();
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return _tallies.AsSpan(0, threads);
    }

    public void Dispose()
    {
        _stopping = true;
        foreach (SemaphoreSlim wake in _wake)
            wake.Release();
        foreach (Thread thread in _threads)
            thread.Join();
        foreach (SemaphoreSlim wake in _wake)
            wake.Dispose();
        _done.Dispose();
    }

    private void Work(int index)
    {
        Affinity.Pin(index);
        while (true)
        {
            _wake[index].Wait();
            if (_stopping)
                return;
            AwaitOthers();
            try
            {
                _tallies[index] = _loops[index].Run(_duration);
            }
            catch (Exception failure)
            {
                _failure = failure;
            }
            _done.Signal();
        }
    }

    /// <summary>The start barrier. Spins, because a thread that is still waking up when another runs would flatter it.</summary>
    private void AwaitOthers()
    {
        var spin = default(SpinWait);
        Interlocked.Increment(ref _arrived);
        while (Volatile.Read(ref _arrived) < _running)
            spin.SpinOnce(sleep1Threshold: -1);
    }
}
