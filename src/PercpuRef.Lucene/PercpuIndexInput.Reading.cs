using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Percpu.Buffers;

namespace Percpu.Lucene;

// How bytes come: from the window, or by a pin of their own; and what is said where there are none.
internal sealed partial class PercpuIndexInput
{
    private void Read(Span<byte> destination)
    {
        Open(destination.Length).ReadBytes(_position, destination);
        _position += destination.Length;
    }

    /// <summary>The bytes from the position on, as many as the window has or, if that is none, as there are up to 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Window(out int left)
    {
        long within = _position - _windowAt;
        if ((ulong)within >= (uint)_windowLength || _memory is not { IsDisposed: false })
        {
            FillWindow();
            within = _position - _windowAt;
        }
        left = _windowLength - (int)within;
        return _window >> (int)(within << 3);
    }

    /// <summary>Reads the window from the position on; near the end of the file, that which ends there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FillWindow()
    {
        MappedMemory memory = Open(1);
        long at = Math.Min(_position, memory.Length - WindowBytes);
        if (at < 0)
        {
            // A file of less than 8 bytes: one of them, for this read alone. The window stays without a length.
            at = _position;
            _window = memory.ReadByte(at);
        }
        else
        {
            _window = memory.ReadLittleEndian<ulong>(at);
            _windowLength = (int)Math.Min(WindowBytes, _end - at);
        }
        _windowAt = at;
    }

    // The number did not end in what the window had: from a new window, else byte after byte, which tells what is wrong with it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int ReadVInt32Again()
    {
        FillWindow();
        if (VInt.TryDecode32(Window(out int left), out int value, out int length) && length <= left)
        {
            _position += length;
            return value;
        }
        return base.ReadVInt32();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadVInt64Again()
    {
        FillWindow();
        if (VInt.TryDecode64(Window(out int left), out long value, out int length) && length <= left)
        {
            _position += length;
            return value;
        }
        return base.ReadVInt64();
    }

    /// <summary>The memory, if so many bytes are left from the position on. It may be closed at any time: its reads throw then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private MappedMemory Open(long bytes)
    {
        MappedMemory? memory = _memory;
        if (memory is null || bytes > _end - _position)
            ThrowClosedOrEnd(bytes);
        return memory;
    }

    /// <summary>The position, behind which it goes on. The bytes are known to be there, but the read may still find the file
    /// closed: the position matters to nobody then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Skip(int bytes)
    {
        long position = _position;
        _position = position + bytes;
        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckOpen()
    {
        if (_memory is not { IsDisposed: false })
            ThrowClosed();
    }

    [DoesNotReturn]
    private void ThrowClosed() => throw new ObjectDisposedException(GetType().FullName, $"Already closed: {this}");

    [DoesNotReturn]
    private void ThrowClosedOrEnd(long bytes)
    {
        CheckOpen();
        throw new EndOfStreamException($"Read past the end: {bytes} bytes from {_position - _start} of {Length}: {this}");
    }

    [DoesNotReturn]
    private void ThrowSeek(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        throw new EndOfStreamException($"Seek past the end: to {position} of {Length}: {this}");
    }
}
