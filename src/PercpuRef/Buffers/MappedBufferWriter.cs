using System.Buffers;

namespace Percpu.Buffers;

/// <summary>Fills a <see cref="MappedMemory"/> from one offset on, which it keeps mapped until disposed. The room is what
/// is left of the memory.</summary>
/// <remarks>For one thread at a time.</remarks>
public sealed class MappedBufferWriter : IBufferWriter<byte>, IDisposable
{
    private readonly HeldPin _pin;
    private readonly long _start;
    private readonly long _length;
    private long _position;

    internal MappedBufferWriter(HeldPin pin, long offset)
    {
        _pin = pin;
        _start = _position = offset;
        _length = pin.Memory.Length;
    }

    /// <summary>Number of bytes written.</summary>
    public long Written => _position - _start;

    /// <summary>Number of bytes that still fit.</summary>
    public long Remaining => _length - _position;

    /// <summary>Moves on over bytes that were written to the last span or memory.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than remain.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Remaining);
        _position += count;
    }

    /// <summary>Room to write into, at least <paramref name="sizeHint"/> and at least one byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeHint"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">So many bytes no longer fit.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public Memory<byte> GetMemory(int sizeHint = 0) => _pin.Slice(_position, Room(sizeHint));

    /// <summary>Room to write into, at least <paramref name="sizeHint"/> and at least one byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeHint"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">So many bytes no longer fit.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        using MappedPin pin = _pin.Pin();
        return pin.Slice(_position, Room(sizeHint)); // Mapped as long as this writer's own pin.
    }

    /// <summary>Lets go of the memory.</summary>
    public void Dispose() => _pin.Dispose();

    private int Room(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (Math.Max(sizeHint, 1) > Remaining)
            throw new InvalidOperationException($"{Math.Max(sizeHint, 1)} more bytes do not fit: {Remaining} of {_length} are left.");
        // To the end of the chunk if that is enough: memory of one chunk costs no allocation.
        long room = Math.Min(Remaining, MappedChunks.ChunkBytes - _position % MappedChunks.ChunkBytes);
        return (int)Math.Max(room, Math.Max(sizeHint, 1));
    }
}
