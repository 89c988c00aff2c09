using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

/// <summary>Numbers in the byte order that is not the machine's.</summary>
internal static class ByteOrder
{
    /// <summary>To or from the order with the lowest byte first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Little<T>(T value) where T : unmanaged => BitConverter.IsLittleEndian ? value : Reverse(value);

    /// <summary>To or from the order with the highest byte first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Big<T>(T value) where T : unmanaged => BitConverter.IsLittleEndian ? Reverse(value) : value;

    /// <summary>The number with its bytes turned around. The JIT keeps one of the branches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Reverse<T>(T value) where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() == 1)
            return value;
        if (Unsafe.SizeOf<T>() == 2)
            return Unsafe.BitCast<ushort, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, ushort>(value)));
        if (Unsafe.SizeOf<T>() == 4)
            return Unsafe.BitCast<uint, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, uint>(value)));
        if (Unsafe.SizeOf<T>() == 8)
            return Unsafe.BitCast<ulong, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, ulong>(value)));
        if (Unsafe.SizeOf<T>() == 16)
            return Unsafe.BitCast<UInt128, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, UInt128>(value)));
        ThrowUnknownSize(typeof(T));
        return default;
    }

    [DoesNotReturn]
    private static void ThrowUnknownSize(Type type) => throw new NotSupportedException($"{type} is not a number of 1, 2, 4, 8 or 16 bytes.");
}
