using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>
/// The checked version: sleeps until woken. Time passes only when nothing else can happen, so a time-out ends a sleep
/// exactly when no thread could run any more.
/// </summary>
internal static unsafe class Parking
{
    internal static void Wait(
        long* word, long expected, int millisecondsTimeout = Timeout.Infinite,
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Park(thread, word, expected, millisecondsTimeout, new Source(member, line));
    }

    internal static void WakeAll(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.WakeAll(thread, word, new Source(member, line));
    }
}
