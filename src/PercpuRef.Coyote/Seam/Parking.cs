using System.Runtime.CompilerServices;
using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: sleeps until the word changes.</summary>
internal static unsafe class Parking
{
    internal static void Wait(
        long* word, long expected, int millisecondsTimeout = Timeout.Infinite,
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (Atomic.IsHere(thread, word))
            Control.Wait(thread, () => Volatile.Read(ref *word) != expected, "a wake-up", millisecondsTimeout);
    }

    // Whoever sleeps looks at the word, which the caller has changed.
    internal static void WakeAll(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => Control.Point(member, line);
}
