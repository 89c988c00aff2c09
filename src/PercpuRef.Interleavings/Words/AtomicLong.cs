using System.Runtime.CompilerServices;

namespace Percpu.Interleavings;

/// <summary>
/// A 64-bit word that threads share: a field of whatever they share. Thread-safe. Outside an exploration every operation is the one of
/// <see cref="Volatile"/> or <see cref="Interlocked"/> that its remarks name, of the same machine code; inside it is a step of the scenario.
/// </summary>
/// <remarks>Not to be copied. The parameters member and line are the compiler's to fill in: they say where a step comes from.</remarks>
public struct AtomicLong
{
    private long _value;

    /// <summary>A word with a first value.</summary>
    public AtomicLong(long value) => _value = value;

    internal unsafe long* Locate(Model.Execution execution) => execution.Handles.Locate(ref _value, default);

    /// <summary>Reads; later reads and writes of this thread come after it.</summary>
    /// <remarks><see cref="Volatile.Read(ref readonly long)"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Read([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn ? ExploredWord.Load(ref _value, relaxed: false, member, line) : Volatile.Read(ref _value);

    /// <summary>Reads, in no order with accesses of other words.</summary>
    /// <remarks>A plain load. As with any, the compiler may merge it with others.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadRelaxed([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn ? ExploredWord.Load(ref _value, relaxed: true, member, line) : _value;

    /// <summary>Writes; earlier reads and writes of this thread come before it.</summary>
    /// <remarks><see cref="Volatile.Write(ref long, long)"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn)
            ExploredWord.Store(ref _value, value, release: true, member, line);
        else
            Volatile.Write(ref _value, value);
    }

    /// <summary>Writes, in no order with accesses of other words.</summary>
    /// <remarks>A plain store. As with any, the compiler may merge it with others.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRelaxed(long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn)
            ExploredWord.Store(ref _value, value, release: false, member, line);
        else
            _value = value;
    }

    /// <summary>Writes and returns what was there. A full fence.</summary>
    /// <remarks><see cref="Interlocked.Exchange(ref long, long)"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Exchange(long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn ? ExploredWord.Exchange(ref _value, value, member, line) : Interlocked.Exchange(ref _value, value);

    /// <summary>Writes if the word is <paramref name="comparand"/>, and returns what was there. A full fence.</summary>
    /// <remarks><see cref="Interlocked.CompareExchange(ref long, long, long)"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long CompareExchange(long value, long comparand, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn
            ? ExploredWord.CompareExchange(ref _value, value, comparand, member, line)
            : Interlocked.CompareExchange(ref _value, value, comparand);

    /// <summary>Adds and returns the sum. A full fence.</summary>
    /// <remarks><see cref="Interlocked.Add(ref long, long)"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Add(long value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        ExploringSwitch.IsOn ? ExploredWord.Add(ref _value, value, member, line) : Interlocked.Add(ref _value, value);
}
