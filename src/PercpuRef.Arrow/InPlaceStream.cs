using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow.Memory;
using Percpu.Buffers;

namespace Percpu.Arrow;

/// <summary>
/// What Arrow's stream reader reads from, and what it takes the memory for bodies from. It reads a message, allocates as much
/// as the body has, and reads the body into that. Here the memory is the place in the file where the body lies, and to read a
/// body into its own place is to do nothing.
/// </summary>
/// <remarks>So bodies of a file of any length stay where they are; only the messages, which tell what they consist of, are
/// copied. They are checked before the reader sees them.</remarks>
internal sealed class InPlaceStream : Stream
{
    private readonly HeldPin _pin;
    private readonly byte[] _head; // Comes before the bytes of the file.
    private readonly long _start, _end;
    private long _position; // From the first byte of the head.
    private int _messageLength; // Of the message that comes next; 0 before its length was read.
    private long _bodyLength; // Of the body that comes next.

    internal InPlaceStream(HeldPin pin, byte[] head, long start, long end)
    {
        _pin = pin;
        _head = head;
        _start = start;
        _end = end;
        Bodies = new BodyAllocator(this);
    }

    internal MemoryAllocator Bodies { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private long Place => _start + _position - _head.Length;

    private long Left => _end - Place;

    public override int Read(Span<byte> buffer)
    {
        Span<byte> read;
        if (_position < _head.Length)
        {
            read = buffer[..(int)Math.Min(buffer.Length, _head.Length - _position)];
            _head.AsSpan((int)_position, read.Length).CopyTo(read);
        }
        else
        {
            read = buffer[..(int)Math.Min(buffer.Length, Left)];
            if (IsItself(read))
            {
                _position += read.Length;
                return read.Length;
            }
            _pin.ReadBytes(Place, read);
        }
        _position += read.Length;
        if (_messageLength == 0)
            ReadLength(read);
        else
            ReadMessage(read);
        return read.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private unsafe bool IsItself(Span<byte> buffer) =>
        buffer.Length > 0 && Unsafe.AreSame(ref MemoryMarshal.GetReference(buffer), ref *_pin.GetPointer(Place, buffer.Length));

    // Four bytes are the length of a message, or the mark before one. The reader would allocate what it says.
    private void ReadLength(ReadOnlySpan<byte> bytes)
    {
        const int Continuation = -1;
        if (bytes.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(bytes) is var length && length == Continuation)
            return; // The end, or the mark.
        if (length < 0 || length > Left)
            throw new InvalidDataException($"A message of {length} bytes at {Place}; {Left} bytes are left.");
        _messageLength = length;
    }

    private void ReadMessage(ReadOnlySpan<byte> bytes)
    {
        _bodyLength = MessageCheck.Check(bytes);
        _messageLength = 0;
    }

    private InPlace Body(int length)
    {
        if (length > Left)
            throw new InvalidDataException($"A body of {length} bytes at {Place}; {Left} bytes are left.");
        _bodyLength = 0;
        return new InPlace(MemoryMarshal.AsMemory(_pin.ReadOnlySlice(Place, length)));
    }

    /// <summary>The body that comes next; after it, memory for what is unpacked from it.</summary>
    private sealed class BodyAllocator(InPlaceStream stream) : MemoryAllocator
    {
        protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
        {
            bool isBody = stream._bodyLength > 0;
            bytesAllocated = isBody ? 0 : length;
            return isBody ? stream.Body(length) : Default.Value.Allocate(length);
        }
    }

    /// <summary>Owns nothing: the batch holds the pin.</summary>
    private sealed class InPlace(Memory<byte> memory) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = memory;

        public void Dispose()
        {
        }
    }
}
