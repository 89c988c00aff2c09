using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Percpu.Unit.Support;

/// <summary>A thread of a test: its exception reaches the test, and it cannot hang the run.</summary>
internal sealed class Worker : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ExceptionDispatchInfo? _failure;

    internal Worker(Action body, string? name = null)
    {
        Thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true, Name = name };
        Thread.Start();
    }

    internal Thread Thread { get; }

    /// <summary>Waits for the end of the thread and throws what it threw.</summary>
    /// <param name="what">What the thread waits for, if anything can keep it.</param>
    internal void Join(string? what = null)
    {
        Assert.True(Thread.Join(Patience), $"The thread has not ended in a minute.{(what is null ? "" : $" It waits for {what}.")}");
        _failure?.Throw();
    }

    public void Dispose() => Join();

    /// <summary>Runs a body on a thread of its own, to its end.</summary>
    internal static void Run(Action body) => new Worker(body).Join();

    /// <summary>Runs what waits for others and ends by itself if they do, and fails if they do not: after a failed assertion, for one.</summary>
    /// <param name="what">What it waits for.</param>
    /// <param name="body">Runs on a thread of its own.</param>
    internal static void RunWaiting(string what, Action body) => new Worker(body).Join(what);

    /// <summary>Waits for another thread's signal; never what decides a test.</summary>
    internal static void Await(ManualResetEventSlim signal) => Assert.True(signal.Wait(Patience), "No signal in a minute.");

    /// <summary>Waits until a condition holds that another thread makes true.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="text">How it stands in the test.</param>
    internal static void AwaitTrue(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? text = null) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), $"It has not come true in a minute: {text}");
}
