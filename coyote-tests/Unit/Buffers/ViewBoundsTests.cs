using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>A view ends where its part of the memory ends, though the memory goes on.</summary>
public sealed class ViewBoundsTests
{
    [Theory]
    [InlineData(-1L, false)]
    [InlineData(0L, true)]
    [InlineData(12L, true)]
    [InlineData(13L, false)]
    [InlineData(19L, false)]
    [InlineData(20L, false)]
    [InlineData(21L, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(long.MinValue, false)]
    public void Every_read_of_a_value_of_a_part_lies_inside_the_part(long offset, bool inside)
    {
        using NativeSlab slab = NativeSlab.Allocate(64);
        for (int i = 0; i < 64; i++)
            slab.Write(i, (byte)i);
        MappedView view = slab.View(20, 20);
        long expected = inside ? slab.Read<long>(20 + offset) : 0;
        Assert.Equal(inside, view.TryRead(offset, out long value));
        Assert.Equal(expected, value);
        byte[] bytes = new byte[8];
        (string Name, Func<long> Read)[] reads =
        [
            ("Read", () => view.Read<long>(offset)),
            ("ReadLittleEndian", () => view.ReadLittleEndian<long>(offset)),
            ("ReadBigEndian", () => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(view.ReadBigEndian<long>(offset))),
            ("ReadBytes", () => { view.ReadBytes(offset, bytes); return BitConverter.ToInt64(bytes); }),
            ("a pin", () => { using MappedPin pin = view.Pin(); return pin.Read<long>(offset); }),
            ("a view of the view", () => view.View(offset, 8).Read<long>(0)),
        ];
        foreach ((string name, Func<long> read) in reads)
        {
            if (inside)
                Assert.True(expected == read(), $"{name} has read something else.");
            else
                Assert.Throws<ArgumentOutOfRangeException>(() => { read(); });
        }
        Assert.Equal(offset is >= 0 and < 20, view.TryRead(offset, out byte _));
    }
}
