using System.Buffers.Binary;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Why an index block of a label area does not count, and which slots one has that does.</summary>
public sealed class LabelIndexReadTests
{
    private const long Area = 128 << 10;

    [Fact]
    public void I73_the_first_reason_why_a_block_does_not_count_is_told()
    {
        foreach (int minor in (int[])[1, 2])
        {
            LabelIndex index = LabelIndex.Create(Area, minor, 2);
            long size = index.Size;
            Assert.Equal("it is cut off", FaultOf(index, Area - 255, null));
            Assert.Equal(LabelIndex.NoSignature, FaultOf(index, Area - 256, null));
            foreach (long wrong in (long[])[0, 255, size + 1, Area / 2 + 256, LabelIndex.LargestSize + 256, -256])
                Assert.Equal($"it says it has {wrong} bytes", FaultOf(index, 0, block => BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(32), wrong)));
            Assert.Equal("its checksum is wrong", FaultOf(index, 0, static block => block[64] ^= 1, keepsSum: true));
            Assert.Equal("its checksum is wrong", FaultOf(index, 0, static block => block[^1] ^= 1, keepsSum: true));
            foreach ((int at, ushort value, string version) in (ReadOnlySpan<(int, ushort, string)>)[(60, 0, $"0.{minor}"), (60, 2, $"2.{minor}"), (62, 0, "1.0"), (62, 3, "1.3")])
                Assert.Equal($"it has version {version}", FaultOf(index, 0, block => BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(at), value)));
            foreach ((int at, long value) in (ReadOnlySpan<(int, long)>)[(24, size), (40, 0), (40, size - 256), (48, size), (48, (2 * size) + 256)])
                Assert.StartsWith("it stands at 0 and says ", FaultOf(index, 0, block => BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(at), value)), StringComparison.Ordinal);
            foreach ((int at, uint value) in (ReadOnlySpan<(int, uint)>)[(20, 0), (20, 4), (56, 0), (56, index.Slots + 1)])
                Assert.StartsWith("it stands at 0 and says ", FaultOf(index, 0, block => BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(at), value)), StringComparison.Ordinal);
            Assert.StartsWith("it stands at 0 and says ", FaultOf(index, 0, block => block[19] = (byte)(2 - minor)), StringComparison.Ordinal);
            Assert.Null(FaultOf(index, 0, static _ => { }));
            // Behind a first one of its size, and nowhere else.
            Assert.Null(FaultOf(index, size, static _ => { }));
            Assert.StartsWith($"it stands at {size} and says 0, the other at {size}, labels of {128 * minor} bytes at {2 * size}, {index.Slots} slots, sequence 2", FaultOf(index, size, block => BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(24), 0), other: size), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1U)]
    [InlineData(63U)]
    [InlineData(64U)]
    [InlineData(65U)]
    [InlineData(128U)]
    [InlineData(129U)]
    public void Each_slot_up_to_the_last_is_free_or_taken_by_itself_and_so_it_is_read_again(uint slots)
    {
        var area = new SparseMedium(Area);
        byte[] block = Block(LabelIndex.Create(Area, 1, 1), 0);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(56), slots);
        Fletcher64.Store(block, 64);
        area.Write(0, block);
        LabelIndex index = LabelIndex.Read(area, 0, out _)!;
        Assert.Equal(slots, index.Slots);
        foreach (uint slot in (uint[])[0, slots / 2, slots - 1])
        {
            index.SetFree(slot, false);
            index.Write(area, 0);
            LabelIndex again = LabelIndex.Read(area, 0, out _)!;
            for (uint each = 0; each < slots; each++)
                Assert.Equal(each != slot, again.IsFree(each));
            index.SetFree(slot, true);
        }
    }

    // Null if the block counts.
    private static string? FaultOf(LabelIndex index, long at, Action<byte[]>? change, bool keepsSum = false, long? other = null)
    {
        var area = new SparseMedium(Area);
        byte[] block = Block(index, at);
        if (change is not null)
        {
            if (other is { } place)
                BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(40), place);
            change(block);
            if (!keepsSum)
                Fletcher64.Store(block, 64);
            area.Write(at, block);
        }
        return LabelIndex.Read(area, at, out string fault) is null ? fault : null;
    }

    private static byte[] Block(LabelIndex index, long at)
    {
        byte[] block = new byte[index.Size];
        var whole = new SparseMedium(Area);
        index.Write(whole, at > Area - index.Size ? 0 : at);
        whole.Read(at > Area - index.Size ? 0 : at, block);
        return block;
    }
}
