using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A pin of a <see cref="MappedMemory"/>: the bytes stay mapped until it is disposed. Belongs to one stack frame; cannot
/// be boxed, stored or carried over an await. Spans taken from it must not be used after its disposal. Do not copy it:
/// each copy that is disposed unpins once more.
/// </summary>
/// <remarks>Hold one pin over a batch of reads: then a read costs its range check and its load. A reader that stays for
/// long asks <see cref="IsDying"/> between batches and leaves, so that the memory can be unmapped.</remarks>
[DebuggerDisplay("{Length} bytes pinned")]
public unsafe ref partial struct MappedPin
{
    // Four fields: of a struct with more, the JIT keeps none in a register.
    private MappedMemory? _memory; // Null once disposed.
    private readonly byte* _address;
    private long _length; // Also 0 once disposed, so that the range check of a read is also the check that the pin is held.
    private readonly long* _hazard;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal MappedPin(MappedMemory memory, byte* address, long length, long* hazard)
    {
        _memory = memory;
        _address = address;
        _length = length;
        _hazard = hazard;
    }

    /// <summary>The pinned length in bytes; 0 for a pin that was not taken or is disposed, or of an empty file or view.</summary>
    public readonly long Length
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _length;
    }

    /// <summary>Whether the memory was disposed meanwhile: it waits for this pin and others to be unmapped.</summary>
    public readonly bool IsDying => _memory is not null && _memory.Reference.IsDying;

    /// <summary>All pinned bytes, to read and write.</summary>
    /// <exception cref="InvalidOperationException">The memory is for reading only (use <see cref="ReadOnlySpan"/>), the pin was not taken or is
    /// disposed, or it has more than 2^31 - 1 bytes (use <see cref="Slice"/>).</exception>
    public readonly Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            CheckWritable();
            return MemoryMarshal.CreateSpan(ref *_address, SpanLength);
        }
    }

    /// <summary>All pinned bytes, to read.</summary>
    /// <exception cref="InvalidOperationException">The memory has more than 2^31 - 1 bytes: use <see cref="ReadOnlySlice"/>.</exception>
    public readonly ReadOnlySpan<byte> ReadOnlySpan
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MemoryMarshal.CreateReadOnlySpan(ref *_address, SpanLength);
    }

    private readonly int SpanLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long length = Length;
            if ((ulong)length > int.MaxValue)
                ThrowTooLong(length);
            return (int)length;
        }
    }

    /// <summary>Some pinned bytes, to read and write; for memory of any length.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the pinned bytes.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only, or the pin was not taken or is disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Span<byte> Slice(long offset, int length)
    {
        CheckWritable();
        Bounds.Check(offset, length, Length);
        return MemoryMarshal.CreateSpan(ref _address[offset], length);
    }

    /// <summary>Some pinned bytes, to read; for memory of any length.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the pinned bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ReadOnlySpan<byte> ReadOnlySlice(long offset, int length)
    {
        Bounds.Check(offset, length, Length);
        return MemoryMarshal.CreateReadOnlySpan(ref _address[offset], length);
    }

    /// <summary>Unpins; the variable gives no bytes any more. Disposing the same variable again does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        MappedMemory? memory = _memory;
        if (memory is null)
            return;
        _memory = null;
        _length = 0;
        memory.EndPin(_hazard);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void CheckWritable()
    {
        if (_memory is not { IsWritable: true })
            ThrowReadOnly(_memory is not null);
    }

    [DoesNotReturn]
    private static void ThrowReadOnly(bool taken) => throw new InvalidOperationException(taken
        ? "The memory was opened for reading only: use ReadOnlySpan, ReadOnlySlice or the Read methods."
        : "This pin was not taken (look at what TryPin returned), or is disposed.");

    [DoesNotReturn]
    private static void ThrowTooLong(long length) =>
        throw new InvalidOperationException($"The memory has {length} bytes, more than a span can hold: use Slice or ReadOnlySlice.");
}
