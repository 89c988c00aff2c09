using System.Runtime.CompilerServices;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>A lock: outside an exploration a <see cref="Lock"/>. Thread-safe. Who holds it must not enter it once more.</summary>
public sealed unsafe class AtomicLock
{
    private readonly Lock _lock = new();
    private long _word;

    /// <summary>Waits for the lock and takes it.</summary>
    public void Enter([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (Locate(member, line, out ModelThread? thread) is var word && thread is not null)
            thread.Execution.EnterLock(thread, word, new Source(member, line));
        else
            _lock.Enter();
    }

    /// <summary>Takes the lock if it is free.</summary>
    public bool TryEnter([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Locate(member, line, out ModelThread? thread) is var word && thread is not null
            ? thread.Execution.TryEnterLock(thread, word, new Source(member, line))
            : _lock.TryEnter();

    /// <summary>Gives the lock back.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread does not hold it. In an execution that is reported instead.</exception>
    public void Exit([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (Locate(member, line, out ModelThread? thread) is var word && thread is not null)
            thread.Execution.ExitHeldLock(thread, word, new Source(member, line));
        else
            _lock.Exit();
    }

    private long* Locate(string member, int line, out ModelThread? thread)
    {
        if (ExploringSwitch.IsOn)
            return ExploredWord.Locate(ref _word, new Source(member, line), out thread);
        thread = null;
        return null;
    }
}
