using System.Runtime.CompilerServices;
using Percpu.Testing;
using ControlledSource = Microsoft.Coyote.Rewriting.Types.Threading.Tasks.TaskCompletionSource;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: a task that it knows, and waits that it schedules.</summary>
internal class Completion
{
    private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Task => ControlledSource.get_Task(_source);

    internal bool IsCompleted => LookAt();

    internal bool IsCancelled => LookAt() && _source.Task.IsCanceled;

    internal void Succeed([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Control.Point(member, line).Iteration.CheckFreedMemory();
        _source.TrySetResult();
    }

    internal void Fail(Exception exception, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Control.Point(member, line);
        _source.TrySetException(exception);
        _ = _source.Task.Exception; // Observed: the thread that ran the callback gets the exception too.
    }

    internal void Cancel([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Control.Point(member, line);
        _source.TrySetCanceled();
    }

    internal bool Wait(TimeSpan timeout, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => Control.Wait(
        Control.Point(member, line), () => _source.Task.IsCompleted, "a release: whoever got a reference must put it, and somebody must kill it", (int)Math.Ceiling(timeout.TotalMilliseconds));

    private bool LookAt([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Control.Point(member, line);
        return _source.Task.IsCompleted;
    }
}
