using System.Runtime.CompilerServices;

namespace Percpu.Interleavings;

/// <summary>
/// A reference that threads share: a field of whatever they share. Thread-safe. Outside an exploration every operation is the one of
/// <see cref="Volatile"/> or <see cref="Interlocked"/> of the same name, of the same machine code; inside it is a step of the scenario.
/// </summary>
/// <typeparam name="T">What it refers to. It may be null.</typeparam>
/// <remarks>Not to be copied. The parameters member and line are the compiler's to fill in: they say where a step comes from.</remarks>
public struct AtomicReference<T>
    where T : class
{
    // Of no other type than T outside explorations, which put a handle here.
    private object? _value;

    /// <summary>A word with a first value.</summary>
    public AtomicReference(T? value) => _value = value;

    internal unsafe long* Locate(Model.Execution execution) => execution.Handles.Locate(ref _value, default);

    /// <summary>Reads; later reads and writes of this thread come after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Read([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Unsafe.As<T?>(ExploringSwitch.IsOn ? ExploredReference.Load(ref _value, member, line) : Volatile.Read(ref _value));

    /// <summary>Writes; earlier reads and writes of this thread come before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(T? value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn)
            ExploredReference.Store(ref _value, value, member, line);
        else
            Volatile.Write(ref _value, value);
    }

    /// <summary>Writes and returns what was there. A full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Exchange(T? value, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Unsafe.As<T?>(ExploringSwitch.IsOn ? ExploredReference.Exchange(ref _value, value, member, line) : Interlocked.Exchange(ref _value, value));

    /// <summary>Writes if the word refers to <paramref name="comparand"/>, and returns what was there. A full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? CompareExchange(T? value, T? comparand, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Unsafe.As<T?>(ExploringSwitch.IsOn
            ? ExploredReference.CompareExchange(ref _value, value, comparand, member, line)
            : Interlocked.CompareExchange(ref _value, value, comparand));
}
