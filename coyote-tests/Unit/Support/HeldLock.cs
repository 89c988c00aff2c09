using Percpu.Memory;

namespace Percpu.Unit.Support;

/// <summary>Holds a lock while a call runs on another thread: whoever changes what the lock is for waits for it.</summary>
internal static unsafe class HeldLock
{
    /// <summary>Fails if the call does not wait for the lock, or does not end once that is free.</summary>
    /// <param name="word">The lock, which is free.</param>
    /// <param name="what">Whose it is.</param>
    /// <param name="call">Runs on a thread of its own.</param>
    /// <param name="before">Runs before it on the same thread, while the lock is free.</param>
    internal static void MustHoldUp(long* word, string what, Action call, Action? before = null)
    {
        using var ready = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        var caller = new Worker(() =>
        {
            before?.Invoke();
            ready.Set();
            Worker.Await(held);
            call();
        });
        Worker.AwaitTrue(() => ready.IsSet || !caller.Thread.IsAlive);
        Assert.True(WordLock.TryEnter(word), $"The lock of {what} is held already.");
        bool waited;
        try
        {
            held.Set();
            Worker.AwaitTrue(() => IsWaitedFor(word) || !caller.Thread.IsAlive);
            waited = IsWaitedFor(word);
        }
        finally
        {
            WordLock.Exit(word);
        }
        caller.Join($"the lock of {what}, which is free");
        Assert.True(waited, $"It has not waited for the lock of {what}.");
    }

    private static bool IsWaitedFor(long* word) => (Atomic.LoadAcquire(word) & WordLock.Mask) == 2;
}
