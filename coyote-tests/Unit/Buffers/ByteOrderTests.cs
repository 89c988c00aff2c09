using System.Numerics;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>Numbers of every size in the byte order that is not the machine's.</summary>
public sealed class ByteOrderTests
{
    [Fact]
    public void A_number_of_any_size_lies_with_its_highest_byte_first_or_last_and_comes_back()
    {
        Check((byte)1);
        Check((sbyte)-2);
        Check((short)-0x0102);
        Check((ushort)0x0102);
        Check('\u0102');
        Check(0x0102_0304);
        Check(0xF102_0304);
        Check(1.5f);
        Check((Half)1.5f);
        Check(0x0102_0304_0506_0708);
        Check(0xF102_0304_0506_0708);
        Check(Math.PI);
        Check(new Int128(0x0102_0304_0506_0708, 0x090A_0B0C_0D0E_0F10));
        Check(new UInt128(0xF102_0304_0506_0708, 0x090A_0B0C_0D0E_0F10));
    }

    [Fact]
    public void What_is_no_number_has_no_byte_order()
    {
        string told = Assert.Throws<NotSupportedException>(() => ByteOrder.Reverse((1L, 2L, 3L))).Message;
        Assert.Contains(typeof((long, long, long)).ToString(), told, StringComparison.Ordinal);
    }

    private static void Check<T>(T value)
        where T : unmanaged, IBinaryNumber<T>
    {
        using NativeSlab slab = NativeSlab.Allocate(64);
        slab.Write(1, value);
        byte[] asMachine = Bytes<T>(slab, 1), turned = [.. asMachine.Reverse()];
        slab.WriteBigEndian(20, value);
        slab.WriteLittleEndian(40, value);
        Assert.Equal(BitConverter.IsLittleEndian ? turned : asMachine, Bytes<T>(slab, 20));
        Assert.Equal(BitConverter.IsLittleEndian ? asMachine : turned, Bytes<T>(slab, 40));
        Assert.Equal((value, value), (slab.ReadBigEndian<T>(20), slab.ReadLittleEndian<T>(40)));
        Assert.Equal(value, ByteOrder.Reverse(ByteOrder.Reverse(value)));
    }

    private static unsafe byte[] Bytes<T>(NativeSlab slab, long offset)
        where T : unmanaged
    {
        byte[] bytes = new byte[sizeof(T)];
        slab.ReadBytes(offset, bytes);
        return bytes;
    }
}
