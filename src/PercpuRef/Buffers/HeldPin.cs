using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

/// <summary>
/// A pin of a <see cref="MappedMemory"/> that may be stored, copied, carried over an await, and released on any thread.
/// Releasing it again, or a copy of it, does nothing, whatever its ticket serves by then.
/// </summary>
/// <remarks>Dropped without dispose, it keeps the memory mapped and is reported as an event: nobody can know whether a
/// span is still in use. Memory and sequences from it must not be used after its release; their pins (<see cref="Memory{T}.Pin"/>) keep
/// the bytes mapped on their own.</remarks>
[DebuggerDisplay("{IsHeld ? \"held\" : \"released\",nq}")]
public readonly partial struct HeldPin : IDisposable, IEquatable<HeldPin>
{
    private readonly MappedMemory? _memory;
    private readonly PinTicket? _ticket;
    private readonly long _generation;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal HeldPin(MappedMemory memory, PinTicket ticket, long generation)
    {
        _memory = memory;
        _ticket = ticket;
        _generation = generation;
    }

    /// <summary>Whether it pins: false for the default value and after the release.</summary>
    public bool IsHeld => _ticket is not null && _ticket.IsAt(_generation);

    /// <summary>The memory it keeps mapped.</summary>
    /// <exception cref="ObjectDisposedException">It was released, or is the default value.</exception>
    public MappedMemory Memory => IsHeld ? _memory! : throw new ObjectDisposedException(nameof(HeldPin), "The pin was released, or is the default value.");

    /// <summary>A pin for one stack frame, through which to read and write. Also when the memory was disposed meanwhile:
    /// this pin keeps it mapped.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public unsafe MappedPin Pin()
    {
        MappedMemory memory = Memory;
        if (!memory.Reference.TryGet())
            memory.ThrowDisposed();
        return new MappedPin(memory, memory.Address, memory.Length, memory.Counted);
    }

    /// <summary>Some bytes, to read and write, for as long as this pin is held.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    /// <remarks>Allocates only for a range that crosses a multiple of 1 GiB.</remarks>
    public Memory<byte> Slice(long offset, int length)
    {
        MappedMemory memory = Memory;
        Bounds.Check(offset, length, memory.Length);
        if (!memory.IsWritable)
            throw new InvalidOperationException("The memory was opened for reading only: use ReadOnlySlice.");
        return System.Runtime.InteropServices.MemoryMarshal.AsMemory(memory.MemoryOf(offset, length));
    }

    /// <summary>Some bytes, to read, for as long as this pin is held.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    /// <remarks>Allocates only for a range that crosses a multiple of 1 GiB.</remarks>
    public ReadOnlyMemory<byte> ReadOnlySlice(long offset, int length)
    {
        MappedMemory memory = Memory;
        Bounds.Check(offset, length, memory.Length);
        return memory.MemoryOf(offset, length);
    }

    /// <summary>Any number of bytes as a sequence of segments of at most 1 GiB, for as long as this pin is held.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public ReadOnlySequence<byte> Sequence(long offset, long length)
    {
        MappedMemory memory = Memory;
        Bounds.Check(offset, length, memory.Length);
        return memory.SequenceOf(offset, length);
    }

    /// <summary>Releases. Any number of times, from any copy, on any thread: the first unpins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_ticket is not null && _ticket.TryRelease(_generation))
            _memory!.Reference.Put(); // Last: it may run the release callback.
    }

    /// <summary>Whether both are copies of one pin.</summary>
    public bool Equals(HeldPin other) => ReferenceEquals(_ticket, other._ticket) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HeldPin other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_ticket, _generation);

    /// <summary>Whether both are copies of one pin.</summary>
    public static bool operator ==(HeldPin left, HeldPin right) => left.Equals(right);

    /// <summary>Whether they are different pins.</summary>
    public static bool operator !=(HeldPin left, HeldPin right) => !left.Equals(right);
}
