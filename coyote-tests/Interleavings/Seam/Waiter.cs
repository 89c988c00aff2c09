using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: an interrupt is the scheduler's, and meets interruptible waits only.</summary>
internal readonly unsafe struct Waiter
{
    private readonly bool _interruptible;

    private Waiter(bool interruptible) => _interruptible = interruptible;

    internal static Waiter Interruptible => new(true);

    internal static Waiter Uninterruptible => new(false);

    internal void Pause()
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Pause(thread, _interruptible);
    }

    internal void Restart()
    {
    }

    internal void Park(
        long* word, long expected, int millisecondsTimeout = Timeout.Infinite,
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Park(thread, word, expected, millisecondsTimeout, new Source(member, line), _interruptible);
    }

    internal bool WaitFor(Completion completion, TimeSpan timeout, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        completion.Wait(timeout, _interruptible, member, line);

    internal void End()
    {
    }

    internal static void Postpone(Exception exception)
    {
        if (exception is ThreadInterruptedException)
            ModelThread.Current.Interrupted = true;
    }
}
