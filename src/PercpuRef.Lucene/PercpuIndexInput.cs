using System.Text;
using Lucene.Net.Index;
using Lucene.Net.Store;
using Percpu.Buffers;

namespace Percpu.Lucene;

/// <summary>
/// An input over a range of a mapped file. Positions in it are offsets into the file. Bytes and numbers of variable length come
/// from a window, the 8 bytes that were read last; whatever reads more pins the file for itself.
/// </summary>
/// <remarks>The window is a copy, so a read from it could not crash; it asks whether the file was closed all the same, since
/// Lucene relies on closed inputs to throw.</remarks>
internal sealed partial class PercpuIndexInput : IndexInput
{
    private const int WindowBytes = 8, StackBytes = 512;

    private readonly bool _isFile; // Whether closing it closes the file: not a clone's, not a slice's.
    private readonly string? _slice;
    private readonly long _start, _end;
    private MappedMemory? _memory; // Null once this clone or slice was closed.
    private long _position;
    private ulong _window; // The byte at _windowAt lowest.
    private long _windowAt;
    private int _windowLength; // 0: nothing was read yet.

    internal PercpuIndexInput(string description, MappedMemory memory, long length)
        : base(description)
    {
        _memory = memory;
        _end = length;
        _isFile = true;
    }

    private PercpuIndexInput(string description, string slice, MappedMemory memory, long start, long end)
        : base(description)
    {
        _memory = memory;
        _start = _position = start;
        _end = end;
        _slice = slice;
    }

    /// <summary>A clone: closed on its own.</summary>
    private PercpuIndexInput(string description, PercpuIndexInput other)
        : this(description, other._slice!, other._memory!, other._start, other._end)
    {
        _position = other._position;
        _window = other._window;
        _windowAt = other._windowAt;
        _windowLength = other._windowLength;
    }

    public override long Length => _end - _start;

    public override long Position
    {
        get
        {
            CheckOpen();
            return _position - _start;
        }
    }

    public override void Seek(long pos)
    {
        CheckOpen();
        if ((ulong)pos > (ulong)(_end - _start))
            ThrowSeek(pos);
        _position = _start + pos;
    }

    public override byte ReadByte()
    {
        long within = _position - _windowAt;
        if ((ulong)within >= (uint)_windowLength || _memory is not { IsDisposed: false })
        {
            FillWindow();
            within = _position - _windowAt;
        }
        _position++;
        return (byte)(_window >> (int)(within << 3));
    }

    public override int ReadVInt32()
    {
        if (VInt.TryDecode32(Window(out int left), out int value, out int length) && length <= left)
        {
            _position += length;
            return value;
        }
        return ReadVInt32Again();
    }

    public override long ReadVInt64()
    {
        if (VInt.TryDecode64(Window(out int left), out long value, out int length) && length <= left)
        {
            _position += length;
            return value;
        }
        return ReadVInt64Again();
    }

    public override short ReadInt16() => Open(sizeof(short)).ReadBigEndian<short>(Skip(sizeof(short)));

    public override int ReadInt32() => Open(sizeof(int)).ReadBigEndian<int>(Skip(sizeof(int)));

    public override long ReadInt64() => Open(sizeof(long)).ReadBigEndian<long>(Skip(sizeof(long)));

    public override void ReadBytes(byte[] b, int offset, int len) => Read(b.AsSpan(offset, len));

    public override string ReadString()
    {
        int length = ReadVInt32();
        if (length < 0)
            throw new CorruptIndexException($"A string of {length} bytes at {Position} (resource={this})");
        _ = Open(length); // Before anything of this length is allocated.
        Span<byte> bytes = length <= StackBytes ? stackalloc byte[length] : new byte[length];
        Read(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    public override void SkipBytes(long numBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numBytes);
        _ = Open(numBytes);
        _position += numBytes;
    }

    public override object Clone()
    {
        CheckOpen();
        return new PercpuIndexInput(Description, this);
    }

    /// <summary>An input of a part, closed on its own.</summary>
    /// <exception cref="CorruptIndexException">The part is not inside: the table of parts is damaged.</exception>
    internal PercpuIndexInput Slice(string description, long offset, long length)
    {
        CheckOpen();
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new CorruptIndexException($"The part '{description}', {length} bytes from {offset}, is not inside the {Length} bytes of the file (resource={this})");
        return new PercpuIndexInput(Description, description, _memory!, _start + offset, _start + offset + length);
    }

    public override string ToString() => _slice is null ? base.ToString()! : $"{base.ToString()} [slice={_slice}]";

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        if (_isFile)
            _memory!.Dispose();
        else
            _memory = null;
    }

    private string Description => base.ToString()!;
}
