using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

// Single values and bytes. Safe also beside a release on another thread: each is a pin of its own while it reads.
public readonly partial struct HeldPin
{
    /// <summary>Number of bytes that are pinned: all of the memory.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public long Length => Memory.Length;

    /// <summary>Reads a byte.</summary>
    /// <param name="offset">Where.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte(long offset) => Memory.ReadHeld<byte>(offset);

    /// <summary>Reads a value as it lies in memory, also when the memory was disposed meanwhile.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    /// <remarks>Costs a pin, as <see cref="MappedMemory.Read{T}(long)"/> does; more once the memory was disposed. For many reads
    /// take one <see cref="Pin"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read<T>(long offset) where T : unmanaged => Memory.ReadHeld<T>(offset);

    /// <summary>Reads a number stored with its lowest byte first, on any machine.</summary>
    /// <inheritdoc cref="Read" path="/param|/exception|/remarks"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadLittleEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T> => ByteOrder.Little(Memory.ReadHeld<T>(offset));

    /// <summary>Reads a number stored with its highest byte first, on any machine.</summary>
    /// <inheritdoc cref="Read" path="/param|/exception|/remarks"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadBigEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T> => ByteOrder.Big(Memory.ReadHeld<T>(offset));

    /// <summary>Copies bytes out.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where to; its length says how many.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory: nothing was copied.</exception>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public void ReadBytes(long offset, Span<byte> destination) => Memory.ReadBytesHeld(offset, destination);

    /// <summary>The address of a range of any length, also one past 2 GiB, for native code and for pointers of one's own.
    /// Valid for as long as this pin is held, which nobody checks.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes that will be touched; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    /// <remarks>Do not write through it where <see cref="MappedMemory.IsWritable"/> is false: that ends the process.</remarks>
    public unsafe byte* GetPointer(long offset, long length)
    {
        MappedMemory memory = Memory;
        Bounds.Check(offset, length, memory.Length);
        return memory.Address + offset;
    }

    /// <summary>Another held pin of the same memory, released on its own; also when the memory was disposed meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public HeldPin Share() => Memory.HoldHeld();
}
