using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>
/// 64-bit words in native memory, by address, as <see cref="AtomicLong"/> is by field. In an execution, memory comes from
/// <see cref="Allocate"/> and no address is given out twice: a use after <see cref="Free"/> is reported. Thread-safe.
/// </summary>
public static unsafe class NativeWord
{
    /// <summary>A block of words, all 0, to be freed by <see cref="Free"/>.</summary>
    /// <param name="count">How many words, at least 1.</param>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
    public static long* Allocate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            return (long*)thread.Execution.Heap.Allocate((long)count * sizeof(long));
        return (long*)NativeMemory.AllocZeroed((nuint)count, sizeof(long));
    }

    /// <summary>Gives a block back. Null is none.</summary>
    public static void Free(long* block)
    {
        if (block == null)
            return;
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            thread.Execution.Free(thread, (long)block);
        else
            NativeMemory.Free(block);
    }

    /// <inheritdoc cref="AtomicLong.Read"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread
            ? thread.Execution.Load(thread, word, new Source(member, line)) : Volatile.Read(ref *word);

    /// <inheritdoc cref="AtomicLong.ReadRelaxed"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ReadRelaxed(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread
            ? thread.Execution.Load(thread, word, new Source(member, line), acquires: false) : *word;

    /// <inheritdoc cref="AtomicLong.Write"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            thread.Execution.Store(thread, word, value, release: true, new Source(member, line));
        else
            Volatile.Write(ref *word, value);
    }

    /// <inheritdoc cref="AtomicLong.WriteRelaxed"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteRelaxed(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            thread.Execution.Store(thread, word, value, release: false, new Source(member, line));
        else
            *word = value;
    }

    /// <inheritdoc cref="AtomicLong.Exchange"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Exchange(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread
            ? thread.Execution.Exchange(thread, word, value, new Source(member, line)) : Interlocked.Exchange(ref *word, value);

    /// <inheritdoc cref="AtomicLong.CompareExchange"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long CompareExchange(long* word, long value, long comparand, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread
            ? thread.Execution.CompareExchange(thread, word, value, comparand, new Source(member, line))
            : Interlocked.CompareExchange(ref *word, value, comparand);

    /// <inheritdoc cref="AtomicLong.Add"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Add(long* word, long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread
            ? thread.Execution.FetchAdd(thread, word, value, new Source(member, line)) + value : Interlocked.Add(ref *word, value);
}
