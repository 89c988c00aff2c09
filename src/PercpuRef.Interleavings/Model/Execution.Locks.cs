namespace Percpu.Interleavings.Model;

// Locks.
internal sealed unsafe partial class Execution
{
    /// <summary>The bits of a word that are a lock: 0 is free. The rest are its owner's.</summary>
    internal const long LockMask = 3;

    internal void EnterLock(ModelThread thread, long* word, Source source)
    {
        Touch((long)word); // The scheduler looks at it from now on.
        Point(thread, StepKind.EnterLock, source, (long)word);
        int number = Touch((long)word);
        if (IsHeld(word))
            Fail(Violation.Deadlock, "A lock is held where no other thread runs.");
        Write(thread, word, number, *word | 1);
        MarkAcquired();
    }

    internal bool TryEnterLock(ModelThread thread, long* word, Source source)
    {
        Point(thread, StepKind.TryEnterLock, source);
        int number = Touch((long)word);
        Watch(thread, number);
        if (IsHeld(word))
        {
            Access(number, writes: false);
            Note(number, 0);
            return false;
        }
        Write(thread, word, number, *word | 1);
        MarkAcquired();
        return true;
    }

    internal void ExitLock(ModelThread thread, long* word, Source source)
    {
        Point(thread, StepKind.ExitLock, source);
        Write(thread, word, Touch((long)word), *word & ~LockMask);
    }

    /// <summary>Gives a lock back that the thread holds.</summary>
    internal void ExitHeldLock(ModelThread thread, long* word, Source source)
    {
        if (!IsHeld(word) && !_abandoned)
            Fail(Violation.Misuse, $"{thread.Name} gives a lock back that nobody holds, in {source.Member}, line {source.Line}.");
        ExitLock(thread, word, source);
    }

    private static bool IsHeld(long* word) => (*word & LockMask) != 0;
}
