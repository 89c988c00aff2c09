using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

// A pin for a single value of the part, as MappedMemory has for the whole.
public readonly partial record struct MappedView
{
    /// <summary>Pins, reads a byte of this part, unpins.</summary>
    /// <inheritdoc cref="Read" path="/param|/exception"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte(long offset) => Read<byte>(offset);

    /// <summary>Pins, reads a value of this part as it lies in memory, unpins.</summary>
    /// <param name="offset">Its first byte in this part; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside this part.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T Read<T>(long offset) where T : unmanaged
    {
        MappedMemory memory = Checked();
        Bounds.CheckValue(offset, sizeof(T), Length);
        return memory.Read<T>(Offset + offset);
    }

    /// <summary>Pins, reads a value if it lies wholly inside this part, unpins.</summary>
    /// <param name="offset">Its first byte in this part. Any number.</param>
    /// <param name="value">The value; the default when false.</param>
    /// <returns>False when it does not lie wholly inside this part.</returns>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe bool TryRead<T>(long offset, out T value) where T : unmanaged =>
        // Beyond the part: beyond the memory too, which asks whether that was disposed.
        Checked().TryRead(Bounds.Holds(offset, sizeof(T), Length) ? Offset + offset : -1, out value);

    /// <summary>Pins, reads a number of this part stored with its lowest byte first, on any machine, unpins.</summary>
    /// <inheritdoc cref="Read" path="/param|/exception"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadLittleEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T> => ByteOrder.Little(Read<T>(offset));

    /// <summary>Pins, reads a number of this part stored with its highest byte first, on any machine, unpins.</summary>
    /// <inheritdoc cref="Read" path="/param|/exception"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadBigEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T> => ByteOrder.Big(Read<T>(offset));

    /// <summary>Pins, copies bytes of this part out, unpins.</summary>
    /// <param name="offset">First byte in this part.</param>
    /// <param name="destination">Where to; its length says how many.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside this part: nothing was copied.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    public void ReadBytes(long offset, Span<byte> destination)
    {
        MappedMemory memory = Checked();
        Bounds.Check(offset, destination.Length, Length);
        memory.ReadBytes(Offset + offset, destination);
    }
}
