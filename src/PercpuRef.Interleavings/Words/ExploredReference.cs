using System.Runtime.CompilerServices;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>As <see cref="ExploredWord"/>, for references. In the execution's memory they are numbers, which it gives to objects.</summary>
internal static unsafe class ExploredReference
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static object? Load(ref object? field, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        return thread is null ? Volatile.Read(ref field) : thread.Execution.ObjectOf(thread.Execution.Load(thread, word, source));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Store(ref object? field, object? value, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        if (thread is null)
            Volatile.Write(ref field, value);
        else
            thread.Execution.Store(thread, word, thread.Execution.NumberOf(value), release: true, source);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static object? Exchange(ref object? field, object? value, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        if (thread is null)
            return Interlocked.Exchange(ref field, value);
        Execution execution = thread.Execution;
        return execution.ObjectOf(execution.Exchange(thread, word, execution.NumberOf(value), source));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static object? CompareExchange(ref object? field, object? value, object? comparand, string member, int line)
    {
        var source = new Source(member, line);
        long* word = Locate(ref field, source, out ModelThread? thread);
        if (thread is null)
            return Interlocked.CompareExchange(ref field, value, comparand);
        Execution execution = thread.Execution;
        return execution.ObjectOf(execution.CompareExchange(thread, word, execution.NumberOf(value), execution.NumberOf(comparand), source));
    }

    private static long* Locate(ref object? field, Source source, out ModelThread? thread)
    {
        thread = ModelThread.CurrentOrNone;
        if (thread is not null)
            return thread.Execution.Handles.Locate(ref field, source);
        if (field is WordHandles.OfReference handle)
            handle.Owner.RefuseForeign(source);
        return null;
    }
}
