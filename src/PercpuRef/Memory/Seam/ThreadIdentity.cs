namespace Percpu.Memory;

/// <summary>Who owns a stripe area, and whether that thread can still run.</summary>
internal readonly struct ThreadIdentity
{
    private readonly Thread _thread;

    private ThreadIdentity(Thread thread) => _thread = thread;

    internal static ThreadIdentity Current => new(Thread.CurrentThread);

    /// <summary>False once the thread has ended: no managed code runs on it any more.</summary>
    internal bool IsAlive => _thread.IsAlive;

    internal int Id => _thread.ManagedThreadId;

    internal string Name => _thread.Name ?? "";
}
