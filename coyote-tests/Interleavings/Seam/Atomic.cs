using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>
/// The checked version of the seam: the same operations as the shipped <c>Atomic</c>, each of them a step of the running
/// <see cref="Execution"/>. The callers' member and line come for free and make traces readable.
/// </summary>
internal static unsafe class Atomic
{
    internal static bool HasProcessWideFence => ModelThread.Current.Execution.Model.ProcessWideFence;

    internal static long LoadAcquire(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.Load(thread, word, new Source(member, line));
    }

    internal static void StoreRelease(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Store(thread, word, value, release: true, new Source(member, line));
    }

    // No step of its own. The word is complete before its address is, so when it is read makes no difference; the read
    // still counts as part of the thread's last step, so that a write which comes too late is a race.
    internal static long LoadPublished(long* word)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.LoadInStep(thread, word);
    }

    // No step of its own: only this thread writes the word. Recorded like LoadPublished.
    internal static long LoadLocal(long* word)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.LoadInStep(thread, word);
    }

    internal static void StoreLocal(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Store(thread, word, value, release: false, new Source(member, line));
    }

    // Not interlocked: whatever others store between the read, at the end of the last step, and the store is lost.
    internal static void AddLocal(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        AddLocal(word, value, release: false, new Source(member, line));

    internal static void AddLocalRelease(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        AddLocal(word, value, release: true, new Source(member, line));

    private static void AddLocal(long* word, long value, bool release, Source source)
    {
        ModelThread thread = ModelThread.Current;
        long before = thread.Execution.LoadInStep(thread, word);
        thread.Execution.Store(thread, word, before + value, release, source);
    }

    internal static long CompareExchange(
        long* word, long value, long comparand, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.CompareExchange(thread, word, value, comparand, new Source(member, line));
    }

    internal static long Exchange(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.Exchange(thread, word, value, new Source(member, line));
    }

    internal static long FetchAdd(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.FetchAdd(thread, word, value, new Source(member, line));
    }

    internal static T LoadReference<T>(ref readonly T location, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.BeginReference(thread, StepKind.LoadReference, typeof(T), writes: false, new Source(member, line));
        return location;
    }

    // References have no store buffers here: the thread's stores before it are in memory first, as after a release, and it is seen
    // at once. What that leaves out is a later load of the thread that overtakes it.
    internal static void StoreReference<T>(ref T location, T value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.BeginReference(thread, StepKind.StoreReference, typeof(T), writes: true, new Source(member, line));
        location = value;
    }

    internal static T ExchangeReference<T>(ref T location, T value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.BeginReference(thread, StepKind.ExchangeReference, typeof(T), writes: true, new Source(member, line));
        T before = location;
        location = value;
        return before;
    }

    internal static T CompareExchangeReference<T>(
        ref T location, T value, T comparand, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.BeginReference(thread, StepKind.CompareExchangeReference, typeof(T), writes: true, new Source(member, line));
        T before = location;
        if (ReferenceEquals(before, comparand))
            location = value;
        return before;
    }

    internal static void FullFence([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.FullFence(thread, new Source(member, line));
    }

    internal static void LightFence([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.LightFence(thread, new Source(member, line));
    }

    internal static void ProcessWideFence([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.ProcessWideFence(thread, new Source(member, line));
    }
}
