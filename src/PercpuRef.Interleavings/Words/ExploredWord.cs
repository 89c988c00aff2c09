using System.Runtime.CompilerServices;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>
/// What the words do where they can be explored: a step on a thread of an execution, the plain operation on any other.
/// A field that an execution has touched holds a handle (<see cref="WordHandles"/>) in place of its value, which is in the execution's memory.
/// </summary>
internal static unsafe class ExploredWord
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static long Load(ref long field, bool relaxed, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        if (thread is null)
            return Volatile.Read(ref field);
        return thread.Execution.Load(thread, word, source, acquires: !relaxed);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Store(ref long field, long value, bool release, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        if (thread is null)
            Volatile.Write(ref field, value);
        else
            thread.Execution.Store(thread, word, value, release, source);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static long Exchange(ref long field, long value, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        return thread is null ? Interlocked.Exchange(ref field, value) : thread.Execution.Exchange(thread, word, value, source);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static long CompareExchange(ref long field, long value, long comparand, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        return thread is null
            ? Interlocked.CompareExchange(ref field, value, comparand)
            : thread.Execution.CompareExchange(thread, word, value, comparand, source);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static long Add(ref long field, long value, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        return thread is null ? Interlocked.Add(ref field, value) : thread.Execution.FetchAdd(thread, word, value, source) + value;
    }

    /// <summary>The word in the memory of the calling thread's execution. No thread: the field itself is the word.</summary>
    internal static long* Locate(ref long field, Source source, out ModelThread? thread)
    {
        thread = ModelThread.CurrentOrNone;
        if (thread is not null)
            return thread.Execution.Handles.Locate(ref field, source);
        if (WordHandles.Find(field) is { } handles)
            handles.RefuseForeign(source);
        return null;
    }
}
