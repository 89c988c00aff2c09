using System.Buffers;
using System.Diagnostics;

namespace Percpu.Buffers;

/// <summary>
/// A part of a <see cref="MappedMemory"/> as <see cref="Memory{T}"/>. The bytes stay mapped until it is disposed, and
/// as long as a <see cref="MemoryHandle"/> from <see cref="Pin"/> is: each such handle is a percpu pin.
/// </summary>
/// <remarks>A span taken from it must not be used when it is disposed and no handle is left. A
/// <see cref="MemoryHandle"/> is a struct: dispose of it once, not of copies of it. Thread-safety: every member may be
/// called from any thread. Dropped without dispose, it keeps the memory mapped and is reported as an event: nobody can
/// know whether a span is still in use.</remarks>
[DebuggerDisplay("{_length} bytes from {_offset} of {_memory}")]
public sealed unsafe class MappedMemoryManager : MemoryManager<byte>
{
    private readonly MappedMemory _memory;
    private readonly long _offset;
    private readonly int _length;
    private readonly bool _owns;
    private readonly HeldPin _pin;

    /// <summary>A manager that keeps the memory mapped by a pin of its own.</summary>
    internal MappedMemoryManager(HeldPin pin, long offset, int length)
        : this(pin.Memory, offset, length)
    {
        _pin = pin;
        _owns = true;
    }

    /// <summary>A manager that owns nothing: whoever uses it holds a pin.</summary>
    internal MappedMemoryManager(MappedMemory memory, long offset, int length)
    {
        _memory = memory;
        _offset = offset;
        _length = length;
    }

    /// <summary>The bytes, to read and write.</summary>
    /// <exception cref="InvalidOperationException">The memory is for reading only: use <see cref="ReadOnlyMemory"/>.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public override Memory<byte> Memory
    {
        get
        {
            if (!_memory.IsWritable)
                throw new InvalidOperationException("The memory was opened for reading only: use ReadOnlyMemory.");
            CheckUsable();
            return CreateMemory(_length);
        }
    }

    /// <summary>The bytes, to read.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ReadOnlyMemory<byte> ReadOnlyMemory
    {
        get
        {
            CheckUsable();
            return CreateMemory(_length);
        }
    }

    /// <summary>The bytes. Mapped as long as this object or a handle keeps them; do not write through it where
    /// <see cref="MappedMemory.IsWritable"/> is false.</summary>
    /// <exception cref="ObjectDisposedException">The bytes are no longer mapped.</exception>
    public override Span<byte> GetSpan()
    {
        // Not a protection (the unmapping may come a moment later), but a clear error for most wrong programs.
        ObjectDisposedException.ThrowIf(_memory.Reference.IsZero, this);
        return new Span<byte>(_memory.Address + _offset, _length);
    }

    /// <summary>Pins: the bytes stay mapped until the handle is disposed, also when this object is disposed before.</summary>
    /// <param name="elementIndex">The byte the handle points to.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elementIndex"/> is outside.</exception>
    /// <exception cref="ObjectDisposedException">The bytes are no longer mapped.</exception>
    /// <remarks>A get of the memory's reference count; legal while the memory is dying, as long as it is mapped.</remarks>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if ((uint)elementIndex > (uint)_length)
            throw new ArgumentOutOfRangeException(nameof(elementIndex), elementIndex, $"There are {_length} bytes.");
        ObjectDisposedException.ThrowIf(!_memory.Reference.TryGet(), this);
        return new MemoryHandle(_memory.Address + _offset + elementIndex, default, this);
    }

    /// <summary>Ends one pin. Called by <see cref="MemoryHandle.Dispose"/>.</summary>
    public override void Unpin() => _memory.Reference.Put();

    /// <summary>Memory of a part that owns nothing, whatever the memory's access.</summary>
    internal ReadOnlyMemory<byte> Slice(int start, int length) => CreateMemory(start, length);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _pin.Dispose();

    private void CheckUsable() => ObjectDisposedException.ThrowIf(_owns && !_pin.IsHeld, this);
}
