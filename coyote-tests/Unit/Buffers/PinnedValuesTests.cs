using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Percpu.Buffers;
using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class PinnedValuesTests
{
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private record struct Entry(byte Kind, long Key, short Value);

    [Fact]
    public void I60_values_of_any_unmanaged_type_are_read_and_written_at_any_offset()
    {
        using var slab = NativeSlab.Allocate(64);
        using MappedPin pin = slab.Pin();
        var entry = new Entry(7, long.MinValue + 5, -3);

        pin.Write(13, entry);
        Assert.Equal(entry, pin.Read<Entry>(13));
        Assert.Equal(7, pin.ReadByte(13));
        pin.WriteByte(63, 255);
        Assert.Equal(255, pin.Read<byte>(63));
        pin.Write(3, 1.5);
        Assert.Equal(1.5, pin.Read<double>(3));
    }

    [Fact]
    public void I60_the_first_thing_that_a_thread_does_may_be_any_visit()
    {
        using var slab = NativeSlab.Allocate(64);
        byte[] bytes = new byte[8];
        Action[] visits =
        [
            () => slab.Write(8, 0x0102030405060708),
            () => Assert.Equal(0x0102030405060708, slab.Read<long>(8)),
            () => Assert.True(slab.TryRead(8, out long value) && value == 0x0102030405060708),
            () => Assert.True(slab.TryReadBytes(8, bytes) && BitConverter.ToInt64(bytes) == 0x0102030405060708),
            () => Assert.False(slab.TryReadBytes(57, bytes)),
            () => slab.ReadBytes(0, bytes),
            () => Assert.Equal(8, slab.ReadByte(BitConverter.IsLittleEndian ? 8 : 15)),
            () => Assert.Equal(0x0102030405060708, slab.Read<long>(default, 8)),
            () => slab.Write(default, 16, 1),
            () => slab.Pin().Dispose(),
            () => slab.Hold().Dispose(),
        ];
        foreach (Action visit in visits)
        {
            Worker.Run(() =>
            {
                Assert.Equal(0, PerThread.Hazards);
                visit();
            });
        }
        Assert.Equal(1, slab.Reference.ApproximateCount);
    }

    [Fact]
    public void Numbers_have_the_byte_order_asked_for_on_any_machine()
    {
        using var slab = NativeSlab.Allocate(32);
        using MappedPin pin = slab.Pin();

        pin.WriteBigEndian(1, 0x01020304);
        Assert.Equal([1, 2, 3, 4], pin.Slice(1, 4).ToArray());
        Assert.Equal(0x01020304, pin.ReadBigEndian<int>(1));
        Assert.Equal(0x04030201, pin.ReadLittleEndian<int>(1));
        pin.WriteLittleEndian(1, (ushort)0x0102);
        Assert.Equal([2, 1], pin.Slice(1, 2).ToArray());
        pin.WriteBigEndian(5, 1.0);
        Assert.Equal([0x3F, 0xF0, 0, 0, 0, 0, 0, 0], pin.Slice(5, 8).ToArray());
        Assert.Equal(1.0, pin.ReadBigEndian<double>(5));
        pin.WriteBigEndian(7, Int128.One);
        Assert.Equal(Int128.One, pin.ReadBigEndian<Int128>(7));
        Assert.Equal(1, pin.ReadByte(22));
        pin.WriteBigEndian<byte>(0, 9);
        Assert.Equal(9, pin.ReadLittleEndian<byte>(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_byte_outside_is_refused(long offset)
    {
        using var slab = NativeSlab.Allocate(16);
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(slab, pin => pin.ReadByte(offset)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(slab, pin => pin.WriteByte(offset, 1)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-8)]
    public void A_value_that_does_not_lie_wholly_inside_is_refused(long offset)
    {
        using var slab = NativeSlab.Allocate(16);
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(slab, pin => pin.Read<long>(offset)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(slab, pin => pin.Write(offset, 1L)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(slab, pin => pin.Slice(offset, 8)));
    }

    [Fact]
    public void A_value_larger_than_the_memory_is_refused()
    {
        using var slab = NativeSlab.Allocate(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(slab, pin => pin.Read<int>(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Use(slab, pin => pin.Read<Guid>(-13)));
    }

    [Fact]
    public void I60_a_read_through_a_disposed_pin_fails_its_range_check()
    {
        using var slab = NativeSlab.Allocate(16);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            MappedPin pin = slab.Pin();
            pin.Dispose();
            pin.ReadByte(0);
        });
        Assert.True(slab.TryPin(out MappedPin live));
        live.Dispose();
        Assert.Equal(0, live.Length);
        Assert.True(live.ReadOnlySpan.IsEmpty);
    }

    [Fact]
    public void Memory_for_reading_only_is_not_written()
    {
        using var scratch = new ScratchFile(16);
        using var file = MappedFile.Open(scratch.Location, new MappedFileOptions { Access = MemoryMappedFileAccess.Read });
        Assert.Throws<InvalidOperationException>(() => Use(file, pin => pin.Write(0, 1)));
        Assert.Throws<InvalidOperationException>(() => Use(file, pin => pin.WriteBigEndian(0, 1)));
        Assert.Throws<InvalidOperationException>(() => file.OpenWriter());
        using MappedPin pin = file.Pin();
        Assert.Equal(0x00010203, pin.ReadBigEndian<int>(0));
    }

    [Fact]
    public void I61_a_long_reader_can_see_that_it_holds_up_the_unmapping()
    {
        var slab = NativeSlab.Allocate(16);
        MappedPin pin = slab.Pin();
        Assert.False(pin.IsDying);
        slab.Dispose();
        Assert.True(pin.IsDying);
        Assert.False(slab.Reference.IsZero);
        pin.Dispose();
        Assert.True(slab.Reference.IsZero);
        Assert.False(pin.IsDying);
    }

    [Fact]
    public void A_single_value_is_read_and_written_under_a_pin_of_its_own()
    {
        var slab = NativeSlab.Allocate(16);
        slab.Write(5, 0x0102030405060708);
        Assert.Equal(0x0102030405060708, slab.Read<long>(5));
        Assert.Equal(slab.Read<byte>(12), slab.ReadByte(12));
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Read<long>(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Write(-1, 0));
        slab.Dispose();
        Assert.True(slab.Reference.IsZero);
        Assert.Throws<ObjectDisposedException>(() => slab.ReadByte(0));
        Assert.Throws<ObjectDisposedException>(() => slab.Write(0, 1));
    }

    private delegate void PinAction(MappedPin pin);

    private static void Use(MappedMemory memory, PinAction action)
    {
        using MappedPin pin = memory.Pin();
        action(pin);
    }
}
