using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The lock of an address space over two words: many readers, or one writer, which goes before new readers.</summary>
/// <remarks>Kernel: <c>mmap_sem</c>. A reader must not enter again: a writer may have come between.</remarks>
internal static unsafe class MapLock
{
    private const long Writer = 1L << 32; // Below it the readers inside.

    internal static void EnterRead(long* word)
    {
        Waiter waiter = Waiter.Uninterruptible;
        while (true)
        {
            long found = Atomic.LoadAcquire(word);
            if (found >= Writer)
                waiter.Park(word, found);
            else if (Atomic.CompareExchange(word, found + 1, found) == found)
                break;
        }
        waiter.End();
    }

    internal static void ExitRead(long* word)
    {
        if (Atomic.FetchAdd(word, -1) - 1 == Writer)
            Parking.WakeAll(word);
    }

    internal static void EnterWrite(long* word, long* writers)
    {
        WordLock.Enter(writers);
        Waiter waiter = Waiter.Uninterruptible;
        for (long found = Atomic.FetchAdd(word, Writer) + Writer; found != Writer; found = Atomic.LoadAcquire(word))
            waiter.Park(word, found);
        waiter.End();
    }

    internal static void ExitWrite(long* word, long* writers)
    {
        Atomic.FetchAdd(word, -Writer);
        Parking.WakeAll(word);
        WordLock.Exit(writers);
    }
}
