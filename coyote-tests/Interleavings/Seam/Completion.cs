using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: completing is a step, waiting is the scheduler's. The task is real, for who asks for it.</summary>
internal class Completion
{
    private readonly TaskCompletionSource _source = new();
    private readonly long _key = ModelThread.Current.Execution.NewKey(KeySpace.Completion);

    internal Task Task => _source.Task;

    internal bool IsCompleted => LookAt();

    internal bool IsCancelled => LookAt() && _source.Task.IsCanceled;

    internal void Succeed([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Begin(new Source(member, line));
        _source.TrySetResult();
    }

    internal void Fail(Exception exception, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Begin(new Source(member, line));
        _source.TrySetException(exception);
        _ = _source.Task.Exception;
    }

    internal void Cancel([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Begin(new Source(member, line));
        _source.TrySetCanceled();
    }

    internal bool Wait(TimeSpan timeout, bool interruptible = true, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.WaitFor(thread, _key, _source.Task, timeout, new Source(member, line), interruptible);
    }

    private void Begin(Source source)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Complete(thread, _key, source);
    }

    private bool LookAt([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.LookAt(thread, _key, new Source(member, line));
        return _source.Task.IsCompleted;
    }
}
