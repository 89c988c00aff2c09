#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>
/// An event that happens once, with an outcome: awaited as a task or waited for. The task is made when somebody
/// first asks for it, so one that nobody awaits is small, and completing never allocates.
/// </summary>
internal class Completion
{
    private static readonly TaskCompletionSource Succeeded = CreateSucceeded();
    private static readonly TaskCompletionSource Cancelled = CreateCancelled();

    private TaskCompletionSource? _source;

    internal Task Task
    {
        get
        {
            TaskCompletionSource? source = Volatile.Read(ref _source);
            if (source is null)
            {
                // Continuations never run on the thread that completes: that thread is inside somebody's put.
                var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                source = Interlocked.CompareExchange(ref _source, created, null) ?? created;
            }
            return source.Task;
        }
    }

    internal bool IsCancelled => Volatile.Read(ref _source) is { } source && source.Task.IsCanceled;

    internal bool IsCompleted => Volatile.Read(ref _source) is { } source && source.Task.IsCompleted;

    internal void Succeed() => (Interlocked.CompareExchange(ref _source, Succeeded, null) ?? Succeeded).TrySetResult();

    internal void Fail(Exception exception)
    {
        _ = Task;
        _source!.TrySetException(exception);
        _ = _source.Task.Exception; // Observed: the thread that ran the callback gets the exception too.
    }

    internal void Cancel() => (Interlocked.CompareExchange(ref _source, Cancelled, null) ?? Cancelled).TrySetCanceled();

    /// <summary>Waits for any outcome; false means time-out.</summary>
    /// <remarks>Task.WaitAny leaves out what is less than a millisecond: the wait would end early, and one of a millisecond,
    /// some of which has passed, would not begin.</remarks>
    internal bool Wait(TimeSpan timeout) =>
        Task.WaitAny([Task], timeout <= TimeSpan.Zero ? timeout : TimeSpan.FromMilliseconds(Math.Ceiling(timeout.TotalMilliseconds))) == 0;

    private static TaskCompletionSource CreateSucceeded()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private static TaskCompletionSource CreateCancelled()
    {
        var source = new TaskCompletionSource();
        source.SetCanceled();
        return source;
    }
}
