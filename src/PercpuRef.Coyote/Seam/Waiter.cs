using System.Runtime.CompilerServices;
using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: nobody is interrupted but whole iterations, when Coyote gives them up; that ends every wait.</summary>
internal unsafe struct Waiter
{
    private Backoff _backoff;

    internal static Waiter Interruptible => default;

    internal static Waiter Uninterruptible => default;

    internal void Pause() => _backoff.Pause();

    internal void Restart() => _backoff = default;

    internal readonly void Park(
        long* word, long expected, int millisecondsTimeout = Timeout.Infinite,
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => Parking.Wait(word, expected, millisecondsTimeout, member, line);

    internal readonly bool WaitFor(Completion completion, TimeSpan timeout, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        completion.Wait(timeout, member, line);

    internal readonly void End()
    {
    }

    internal static void Postpone(Exception exception)
    {
        if (exception is ThreadInterruptedException && !TestThread.Current.Iteration.IsControlled)
            Thread.CurrentThread.Interrupt();
    }
}
