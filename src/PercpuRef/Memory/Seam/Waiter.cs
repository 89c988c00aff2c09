#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>
/// One wait, from its first sleep to its end. <see cref="Thread.Interrupt"/> ends an interruptible one by an exception. An
/// uninterruptible one goes on, and at its end the thread is interrupted again, so that the interrupt meets its next wait.
/// </summary>
/// <remarks>
/// <para>Uninterruptible is every wait whose giving up would leave something half done: a teardown, a grace period inside a
/// change, a lock. Interruptible are the waits that users ask for, and then nothing has changed. <c>docs/waits.md</c>
/// lists all; no other file waits by itself.</para>
/// <para>Kernel: <c>TASK_UNINTERRUPTIBLE</c>, <c>TASK_INTERRUPTIBLE</c>. The interrupt is kept here and not handed on before
/// the end, else each sleep of a long wait would throw and catch it again.</para>
/// </remarks>
internal unsafe struct Waiter
{
    private readonly bool _interruptible;
    private bool _interrupted;
    private Backoff _backoff;

    private Waiter(bool interruptible) => _interruptible = interruptible;

    internal static Waiter Interruptible => new(true);

    internal static Waiter Uninterruptible => new(false);

    /// <summary>For loops that poll a condition: waits a little longer each time.</summary>
    internal void Pause()
    {
        try
        {
            _backoff.Pause();
        }
        catch (ThreadInterruptedException) when (!_interruptible)
        {
            _interrupted = true;
        }
    }

    /// <summary>The next pause is a short one again.</summary>
    internal void Restart() => _backoff = default;

    /// <summary>Sleeps as <see cref="Parking.Wait"/> does: until woken, or for no reason. The caller checks again.</summary>
    internal void Park(long* word, long expected, int millisecondsTimeout = Timeout.Infinite)
    {
        try
        {
            Parking.Wait(word, expected, millisecondsTimeout);
        }
        catch (ThreadInterruptedException) when (!_interruptible)
        {
            _interrupted = true;
        }
    }

    /// <summary>Waits for any outcome of a completion; false means time-out. An interrupt that is postponed begins the time
    /// anew.</summary>
    internal bool WaitFor(Completion completion, TimeSpan timeout)
    {
        while (true)
        {
            try
            {
                return completion.Wait(timeout);
            }
            catch (ThreadInterruptedException) when (!_interruptible)
            {
                _interrupted = true;
            }
        }
    }

    /// <summary>The wait is over: interrupts the thread again, if it was.</summary>
    internal readonly void End()
    {
        if (_interrupted)
            Thread.CurrentThread.Interrupt();
    }

    /// <summary>For code that must go on although a stranger's code has thrown: what it threw may have been the interrupt of
    /// this thread, which is not lost by catching it.</summary>
    internal static void Postpone(Exception exception)
    {
        if (exception is ThreadInterruptedException)
            Thread.CurrentThread.Interrupt();
    }
}
