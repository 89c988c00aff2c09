using System.Buffers;
using Percpu.Memory;

namespace Percpu.Buffers;

// Shapes that outlive a stack frame: held pins, memory managers, sequences, streams.
public abstract unsafe partial class MappedMemory
{
    /// <summary>Takes a pin that may be stored and carried over an await.</summary>
    /// <param name="pin">The pin; disposing it, or any copy of it, unpins once.</param>
    /// <returns>False once the memory was disposed.</returns>
    /// <remarks>Costs a pin and a thread-local pop. Allocates only when the
    /// thread's free tickets have run out.</remarks>
    public bool TryHold(out HeldPin pin)
    {
        if (_reference.TryGetLive())
        {
            pin = HoldCounted();
            return true;
        }
        pin = default;
        return false;
    }

    /// <summary>Takes a pin that may be stored and carried over an await.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public HeldPin Hold()
    {
        if (!TryHold(out HeldPin pin))
            ThrowDisposed();
        return pin;
    }

    /// <summary>A part of the memory as a <see cref="MemoryManager{T}"/>: keeps it mapped until disposed, and while a
    /// <see cref="MemoryHandle"/> pins it.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    /// <remarks>Allocates the manager.</remarks>
    public MappedMemoryManager Own(long offset, int length)
    {
        Bounds.Check(offset, length, Length);
        return HoldFor((offset, length), static (pin, range) => new MappedMemoryManager(pin, range.offset, range.length));
    }

    /// <summary>A stream over all bytes, at position 0. It has the memory's length and cannot grow. Keeps the memory
    /// mapped until disposed.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public MappedStream OpenStream() => HoldFor(0, static (pin, _) => new MappedStream(pin));

    /// <summary>A writer that fills the memory from an offset on. Keeps the memory mapped until disposed.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public MappedBufferWriter OpenWriter(long offset = 0)
    {
        Bounds.Check(offset, 0, Length);
        if (!_isWritable)
            ThrowReadOnly();
        return HoldFor(offset, static (pin, start) => new MappedBufferWriter(pin, start));
    }

    /// <summary>A range as memory that owns nothing; the caller holds a pin.</summary>
    internal ReadOnlyMemory<byte> MemoryOf(long offset, int length) => Chunks.Memory(offset, length);

    /// <summary>A range as a sequence that owns nothing; the caller holds a pin.</summary>
    internal ReadOnlySequence<byte> SequenceOf(long offset, long length) => Chunks.Sequence(offset, length);

    private MappedChunks Chunks
    {
        get
        {
            MappedChunks? chunks = Atomic.LoadReference(ref _chunks);
            if (chunks is not null)
                return chunks;
            var created = new MappedChunks(this);
            return Atomic.CompareExchangeReference(ref _chunks, created, null) ?? created;
        }
    }

    /// <summary>Gives a pin to a new object; takes it back if there is no memory for that.</summary>
    private T HoldFor<T, TState>(TState state, Func<HeldPin, TState, T> create)
    {
        HeldPin pin = Hold();
        try
        {
            return create(pin, state);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    private HeldPin HoldCounted()
    {
        try
        {
            return PinTicket.Take(this);
        }
        catch
        {
            _reference.Put();
            throw;
        }
    }
}
