using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Percpu.Unit.Counting;

/// <summary>Real threads for tests: started together, joined with a bound, their exceptions handed to the test.</summary>
internal static class Threads
{
    internal static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Runs the bodies at the same time, each on a thread of its own, until all have returned.</summary>
    internal static void Run(params Action[] bodies)
    {
        using var start = new Barrier(bodies.Length);
        OneThread[] threads = Array.ConvertAll(bodies, body => Start(() =>
        {
            start.SignalAndWait();
            body();
        }));
        foreach (OneThread thread in threads)
            thread.Join();
    }

    internal static OneThread Start(Action body) => new(body);

    /// <summary>Spins until a condition holds that another thread will make true.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="text">How it stands in the test.</param>
    internal static void WaitUntil(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? text = null) =>
        Assert.True(SpinWait.SpinUntil(condition, Bound), $"It did not come true in a minute: {text}");
}

internal sealed class OneThread
{
    private readonly Thread _thread;
    private Exception? _exception;

    internal OneThread(Action body)
    {
        _thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception exception)
            {
                _exception = exception;
            }
        }) { IsBackground = true };
        _thread.Start();
    }

    internal Thread Thread => _thread;

    internal void Join()
    {
        Assert.True(_thread.Join(Threads.Bound), "The thread did not end.");
        if (_exception is not null)
            ExceptionDispatchInfo.Throw(_exception);
    }
}

/// <summary>A thread that does what it is told, one step at a time, so that a test decides every order.</summary>
internal sealed class Stepper : IDisposable
{
    private readonly BlockingCollection<(Action Body, TaskCompletionSource Done)> _steps = [];
    private readonly OneThread _thread;

    internal Stepper() => _thread = Threads.Start(() =>
    {
        foreach ((Action body, TaskCompletionSource done) in _steps.GetConsumingEnumerable())
        {
            try
            {
                body();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }
    });

    internal Thread Thread => _thread.Thread;

    /// <summary>Does a step and waits for it; its exception comes here.</summary>
    internal void Do(Action body) => Finish(Begin(body));

    internal T Do<T>(Func<T> body)
    {
        T result = default!;
        Do(() => { result = body(); });
        return result;
    }

    /// <summary>Begins a step that may block.</summary>
    internal Task Begin(Action body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _steps.Add((body, done));
        return done.Task;
    }

    internal static void Finish(Task step)
    {
        Assert.True(Task.WaitAny([step], Threads.Bound) == 0, "The step did not end.");
        step.GetAwaiter().GetResult();
    }

    /// <summary>Ends the thread and waits until it is gone.</summary>
    public void Dispose()
    {
        if (!_steps.IsAddingCompleted)
            _steps.CompleteAdding();
        _thread.Join();
    }
}
