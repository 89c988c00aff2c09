#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>
/// A lock in the two lowest bits of a word: 0 free, 1 held, 2 held with sleepers. The other bits are its user's, who
/// changes them interlocked. For whatever changes rarely, never on a get or put. Not re-entrant,
/// no interrupt ends its waits, and no callback of a user ever runs under one.
/// </summary>
internal static unsafe class WordLock
{
    /// <summary>The bits of the lock.</summary>
    internal const long Mask = 3;

    private const long Held = 1, HeldWithSleepers = 2;

    /// <summary>Enters, and exits where the scope is disposed of: <c>using (WordLock.EnterScope(word))</c>.</summary>
    internal static Scope EnterScope(long* word)
    {
        Enter(word);
        return new Scope(word);
    }

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
        while (!TryEnterOrMark(word, out long marked))
            waiter.Park(word, marked);
        waiter.End();
    }

    internal static bool TryEnter(long* word)
    {
        long before = Volatile.Read(ref *word);
        while ((before & Mask) == 0)
        {
            long found = Interlocked.CompareExchange(ref *word, before | Held, before);
            if (found == before)
                return true;
            before = found;
        }
        return false;
    }

    /// <summary>Gives the lock back; throws SynchronizationLockException, a fault of the library, if nobody held it.</summary>
    internal static void Exit(long* word)
    {
        long was = Interlocked.And(ref *word, ~Mask) & Mask;
        if (was == HeldWithSleepers)
            Parking.WakeAll(word);
        else if (was != Held)
            throw new SynchronizationLockException("A lock that nobody holds was given back.");
    }

    /// <summary>Enters a lock that was free, as one with sleepers, for there may be more; else marks it as one with
    /// sleepers, and gives the value to sleep on.</summary>
    private static bool TryEnterOrMark(long* word, out long marked)
    {
        long before = Volatile.Read(ref *word);
        while (true)
        {
            marked = (before & ~Mask) | HeldWithSleepers;
            long found = Interlocked.CompareExchange(ref *word, marked, before);
            if (found == before)
                return (before & Mask) == 0;
            before = found;
        }
    }

    /// <summary>A lock that is held.</summary>
    internal readonly ref struct Scope
    {
        private readonly ref long _word; // Not a pointer: it keeps a pinned array alive whose owner nobody uses any more.

        internal Scope(long* word) => _word = ref *word;

        public void Dispose()
        {
            fixed (long* word = &_word)
                Exit(word);
        }
    }
}
