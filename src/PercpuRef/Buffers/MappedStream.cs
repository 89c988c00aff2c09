namespace Percpu.Buffers;

/// <summary>A stream over the bytes of a <see cref="MappedMemory"/>, which it keeps mapped until disposed. Has the
/// memory's length; writing past it fails.</summary>
/// <remarks>Like any stream for one thread at a time; disposing it while another thread reads is safe all the same.</remarks>
public sealed partial class MappedStream : Stream
{
    private readonly HeldPin _pin;
    private readonly bool _isWritable;
    private readonly long _length;
    private long _position;

    internal MappedStream(HeldPin pin)
    {
        _pin = pin;
        _isWritable = pin.Memory.IsWritable;
        _length = pin.Memory.Length;
    }

    /// <inheritdoc/>
    public override bool CanRead => _pin.IsHeld;

    /// <inheritdoc/>
    public override bool CanSeek => _pin.IsHeld;

    /// <inheritdoc/>
    public override bool CanWrite => _isWritable && _pin.IsHeld;

    /// <inheritdoc/>
    public override long Length
    {
        get
        {
            CheckOpen();
            return _length;
        }
    }

    /// <inheritdoc/>
    public override long Position
    {
        get
        {
            CheckOpen();
            return _position;
        }
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        CheckOpen();
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Add(_position, offset),
            SeekOrigin.End => Add(_length, offset),
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "Undefined SeekOrigin."),
        };
        if (target < 0)
            throw new IOException($"Position {target} is before the beginning.");
        return _position = target;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        MappedMemory memory = _pin.Memory;
        int count = (int)Math.Min(buffer.Length, Math.Max(0, _length - _position));
        if (count == 0)
            return 0;
        memory.ReadBytesHeld(_position, buffer[..count]);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        MappedMemory memory = _pin.Memory;
        if (_position >= _length)
            return -1;
        byte value = memory.ReadHeld<byte>(_position);
        _position++;
        return value;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The memory is for reading only, or the bytes do not fit: none is written then.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        using MappedPin pin = _pin.Pin();
        if (!_isWritable)
            throw new NotSupportedException("The memory was opened for reading only.");
        if (buffer.IsEmpty)
            return;
        if (buffer.Length > _length - _position)
            throw new NotSupportedException($"{buffer.Length} bytes at {_position} do not fit into {_length}: a mapped stream cannot grow.");
        buffer.CopyTo(pin.Slice(_position, buffer.Length));
        _position += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <summary>Writes a file's changed pages to the medium; nothing to do for other memory.</summary>
    public override void Flush()
    {
        using MappedPin pin = _pin.Pin();
        if (_pin.Memory is MappedFile file)
            file.FlushPinned(0, _length);
    }

    /// <summary>Not possible.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException("The length of a mapped stream is fixed.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _pin.Dispose();
        base.Dispose(disposing);
    }

    private static long Add(long position, long offset) =>
        offset <= long.MaxValue - position ? position + offset : throw new IOException($"Position {position} + {offset} is beyond 2^63 - 1.");

    private void CheckOpen() => ObjectDisposedException.ThrowIf(!_pin.IsHeld, this);
}
