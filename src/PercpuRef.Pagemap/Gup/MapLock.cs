using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The lock of an address space over two words: many readers, or one writer, which goes before new readers.</summary>
/// <remarks>Kernel: <c>mmap_sem</c>. A reader must not enter again: a writer may have come between.</remarks>
internal static unsafe class MapLock
{
    private const long Writer = 1L << 32; // Below it the readers inside.

    internal static void EnterRead(long* word)
    {
        while (true)
        {
            long found = Atomic.LoadAcquire(word);
            if (found >= Writer)
                Parking.Wait(word, found);
            else if (Atomic.CompareExchange(word, found + 1, found) == found)
                return;
        }
    }

    internal static void ExitRead(long* word)
    {
        if (Atomic.FetchAdd(word, -1) - 1 == Writer)
            Parking.WakeAll(word);
    }

    internal static void EnterWrite(long* word, long* writers)
    {
        SwitchLock.Enter(writers);
        long found = Atomic.FetchAdd(word, Writer) + Writer;
        try
        {
            for (; found != Writer; found = Atomic.LoadAcquire(word))
                Parking.Wait(word, found);
        }
        catch
        {
            ExitWrite(word, writers);
            throw;
        }
    }

    internal static void ExitWrite(long* word, long* writers)
    {
        Atomic.FetchAdd(word, -Writer);
        Parking.WakeAll(word);
        SwitchLock.Exit(writers);
    }
}
