using System.Runtime.CompilerServices;
using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>
/// The seam over Coyote: the same operations as the shipped <c>Atomic</c>, each with a scheduling point before it. One more
/// follows the last look of a pin or the announcement of a reader, so that what the caller protects can be taken away there.
/// </summary>
/// <remarks>Sequentially consistent, as Coyote is. A word must belong to the iteration that touches it, and not be freed.</remarks>
internal static unsafe class Atomic
{
    internal static bool HasProcessWideFence => true;

    internal static long LoadAcquire(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!IsHere(thread, word))
            return 0;
        long value = Volatile.Read(ref *word);
        if (thread.HasAnnounced)
        {
            thread.HasAnnounced = false;
            Control.Point(member, line);
        }
        return value;
    }

    internal static void StoreRelease(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!IsHere(thread, word))
            return;
        Write(thread, word, value);
        thread.Holdings.Note((long)word, value, isTake: false);
    }

    // No point of its own: the word never changes once others can see it.
    internal static long LoadPublished(long* word) => LoadLocal(word);

    // No point of its own: only this thread writes the word.
    internal static long LoadLocal(long* word) => IsHere(TestThread.Current, word) ? Volatile.Read(ref *word) : 0;

    internal static void StoreLocal(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!IsHere(thread, word))
            return;
        Write(thread, word, value);
        thread.HasAnnounced = value != 0;
        thread.Holdings.Note((long)word, value, isTake: value != 0);
    }

    internal static void AddLocal(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!IsHere(thread, word))
            return;
        long sum = Volatile.Read(ref *word) + value;
        Write(thread, word, sum);
        thread.HasAnnounced = value > 0;
        thread.Holdings.Note((long)word, sum, isTake: value > 0);
    }

    internal static void AddLocalRelease(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        AddLocal(word, value, member, line);

    internal static long CompareExchange(
        long* word, long value, long comparand, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!IsHere(thread, word))
            return comparand;
        long before = Interlocked.CompareExchange(ref *word, value, comparand);
        if (before != comparand)
            return before;
        thread.Iteration.Changed(thread);
        Control.Point(member, line); // It may have been a pin.
        return before;
    }

    internal static long Exchange(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!IsHere(thread, word))
            return 0;
        thread.Iteration.Changed(thread);
        return Interlocked.Exchange(ref *word, value);
    }

    internal static long FetchAdd(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!IsHere(thread, word))
            return 0;
        thread.Iteration.Changed(thread);
        return Interlocked.Add(ref *word, value) - value;
    }

    internal static T LoadReference<T>(ref readonly T location, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        Control.Point(member, line);
        return Volatile.Read(in location);
    }

    internal static void StoreReference<T>(ref T location, T value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        TestThread thread = Control.Point(member, line);
        thread.Iteration.Changed(thread);
        Volatile.Write(ref location, value);
    }

    internal static T ExchangeReference<T>(ref T location, T value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        TestThread thread = Control.Point(member, line);
        thread.Iteration.Changed(thread);
        return Interlocked.Exchange(ref location, value);
    }

    internal static T CompareExchangeReference<T>(
        ref T location, T value, T comparand, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        TestThread thread = Control.Point(member, line);
        thread.Iteration.Changed(thread);
        return Interlocked.CompareExchange(ref location, value, comparand);
    }

    internal static void FullFence([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => Interlocked.MemoryBarrier();

    // Under sequential consistency fences do nothing. After an announcement the caller's own reads may follow at once.
    internal static void LightFence([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (TestThread.Current.HasAnnounced)
            Control.Point(member, line);
        Interlocked.MemoryBarrier();
    }

    internal static void ProcessWideFence([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => Interlocked.MemoryBarrierProcessWide();

    /// <summary>Whether there is such a word for this thread. Not for the finalizer's: its effects are left out, for they come at any time.</summary>
    internal static bool IsHere(TestThread thread, long* word)
    {
        if (thread.Iteration.Blocks.TryFind((long)word, out Block? block))
        {
            if (block.Freed is not null)
                throw thread.Iteration.Fail($"Use after free: {thread.Last} touches 0x{(long)word:x}. It was freed\n{block.Freed}");
            return true;
        }
        if (Finalization.IsHere)
            return false;
        throw thread.Iteration.Fail(thread.Iteration.IsControlled
            ? $"{thread.Last} touches a word that was not made in this iteration. Make what uses PercpuRef inside the test's delegate, anew for every iteration: a static, or a fixture made before, lives on from the one before."
            : $"{thread.Last} touches a word that was made in a test under Coyote, from a thread outside: look at it inside the test's delegate, or start the thread with what Coyote controls.");
    }

    private static void Write(TestThread thread, long* word, long value)
    {
        if (Volatile.Read(ref *word) != value)
            thread.Iteration.Changed(thread);
        Volatile.Write(ref *word, value);
    }
}
