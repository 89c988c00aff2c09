namespace Percpu.Unit.Support;

/// <summary>A thread inside a read section, until it is told to leave.</summary>
internal sealed class ParkedReader : IDisposable
{
    private readonly ManualResetEventSlim _inside = new();
    private readonly ManualResetEventSlim _leave = new();
    private readonly Worker _worker;

    internal ParkedReader(EpochDomain domain, string? name = null, Action? beforeLeaving = null)
    {
        _worker = new Worker(() =>
        {
            using EpochReader reader = domain.Enter();
            _inside.Set();
            Worker.Await(_leave);
            beforeLeaving?.Invoke();
        }, name);
        Worker.Await(_inside);
    }

    internal int ThreadId => _worker.Thread.ManagedThreadId;

    /// <summary>Returns when the section has been left and the thread has ended.</summary>
    internal void Leave()
    {
        LetGo();
        _worker.Join();
    }

    /// <summary>Tells the reader to leave, and does not wait for it.</summary>
    internal void LetGo() => _leave.Set();

    public void Dispose() => Leave();
}
