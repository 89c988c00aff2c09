using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

// Single values, at any offset, aligned or not. Not atomic: another thread may see half of a write.
public unsafe ref partial struct MappedPin
{
    /// <summary>Reads a byte.</summary>
    /// <param name="offset">Where.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the pinned bytes.</exception>
    /// <remarks>One comparison and one load.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly byte ReadByte(long offset)
    {
        Bounds.CheckValue(offset, 1, _length);
        return _address[offset];
    }

    /// <summary>Writes a byte.</summary>
    /// <param name="offset">Where.</param>
    /// <param name="value">What.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the pinned bytes.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void WriteByte(long offset, byte value) => Write(offset, value);

    /// <summary>Reads a value of any unmanaged type as it lies in memory. Need not be aligned.</summary>
    /// <param name="offset">Its first byte.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the pinned bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T Read<T>(long offset) where T : unmanaged
    {
        Bounds.CheckValue(offset, sizeof(T), Length);
        return Unsafe.ReadUnaligned<T>(_address + offset);
    }

    /// <summary>Writes a value of any unmanaged type as it lies in memory. Need not be aligned.</summary>
    /// <param name="offset">Its first byte.</param>
    /// <param name="value">What.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the pinned bytes.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write<T>(long offset, T value) where T : unmanaged
    {
        CheckWritable();
        Bounds.CheckValue(offset, sizeof(T), Length);
        Unsafe.WriteUnaligned(_address + offset, value);
    }

    /// <summary>Reads a number stored with its lowest byte first, on any machine.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the pinned bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T ReadLittleEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T>
    {
        T value = Read<T>(offset);
        return BitConverter.IsLittleEndian ? value : ByteOrder.Reverse(value);
    }

    /// <summary>Reads a number stored with its highest byte first, on any machine.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the pinned bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T ReadBigEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T>
    {
        T value = Read<T>(offset);
        return BitConverter.IsLittleEndian ? ByteOrder.Reverse(value) : value;
    }

    /// <summary>Stores a number with its lowest byte first, on any machine.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the pinned bytes.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void WriteLittleEndian<T>(long offset, T value) where T : unmanaged, IBinaryNumber<T> =>
        Write(offset, BitConverter.IsLittleEndian ? value : ByteOrder.Reverse(value));

    /// <summary>Stores a number with its highest byte first, on any machine.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the pinned bytes.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void WriteBigEndian<T>(long offset, T value) where T : unmanaged, IBinaryNumber<T> =>
        Write(offset, BitConverter.IsLittleEndian ? ByteOrder.Reverse(value) : value);
}
