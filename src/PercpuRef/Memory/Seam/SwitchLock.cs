#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>
/// A mutual exclusion over one word: 0 free, 1 held, 2 held with sleepers. For mode switches, table writers and
/// registration, never on a get or put. Not re-entrant, and no callback of a user ever runs under one.
/// </summary>
internal static unsafe class SwitchLock
{
    internal static void Enter(long* word)
    {
        if (TryEnter(word))
            return;
        var backoff = new SpinWait();
        while (!backoff.NextSpinWillYield)
        {
            backoff.SpinOnce();
            if (TryEnter(word))
                return;
        }
        // A thread's first get or put may come here too: an interrupt stays pending until its next wait elsewhere.
        Waiter waiter = Waiter.Uninterruptible;
        while (Interlocked.Exchange(ref *word, 2) != 0)
            waiter.Park(word, 2);
        waiter.End();
    }

    internal static bool TryEnter(long* word) => Interlocked.CompareExchange(ref *word, 1, 0) == 0;

    internal static void Exit(long* word)
    {
        if (Interlocked.Exchange(ref *word, 0) == 2)
            Parking.WakeAll(word);
    }
}
