using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>What making a btt stores, what room it asks for before, and what it flushes.</summary>
public sealed class BttFormatTests
{
    [Theory]
    [InlineData(0, 4096)]
    [InlineData(4096, 12288)]
    [InlineData(4096, 10000)] // The last part is shorter than the others.
    [InlineData(100, 5000)]
    public void Clearing_makes_zeros_of_every_byte_of_a_part_and_of_no_other(int offset, int length)
    {
        var medium = new RoomMedium(32768);
        byte[] expected = new byte[32768], found = new byte[32768];
        expected.AsSpan().Fill(0xFF);
        medium.Write(0, expected);
        medium.Steps.Clear();
        BttFormat.Clear(medium, offset, length);
        expected.AsSpan(offset, length).Clear();
        medium.Read(0, found);
        Assert.Equal(expected, found);
        AssertRoomAndFlushes(medium);
        Assert.Equal([(offset, length)], medium.Flushes);
    }

    [Fact]
    public void Clearing_stores_nothing_where_zeros_are_and_asks_for_no_room_there()
    {
        var medium = new RoomMedium(32768);
        medium.Write(9000, [1]);
        medium.Steps.Clear();
        BttFormat.Clear(medium, 0, 16384);
        Assert.Equal([(false, 8192L, 4096L), (true, 8192L, 4096L)], medium.Steps);
        byte[] found = new byte[16384];
        medium.Read(0, found);
        Assert.Equal(new byte[16384], found);
    }

    [Fact]
    public void A_block_is_put_after_its_room_was_asked_for_and_is_flushed()
    {
        var medium = new RoomMedium(32768);
        BttFormat.Put(medium, 8192, new byte[256]);
        Assert.Equal([(false, 8192L, 256L), (true, 8192L, 256L)], medium.Steps);
        Assert.Equal([(8192L, 256L)], medium.Flushes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_format_asks_for_room_before_each_store_and_flushes_each_and_its_info_block_comes_last(bool asPool)
    {
        BttInfo info = SmallBtt.Info(3000, 512, 3);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        byte[] junk = new byte[medium.Length];
        junk.AsSpan().Fill(0xA5);
        medium.Write(0, junk);
        medium.Steps.Clear();
        SmallBtt.Format(medium, info, asPool);
        AssertRoomAndFlushes(medium);
        Assert.Contains((SmallBtt.Start + info.Log, 3 * 64L), medium.Flushes); // All lanes at once, and no more.
        long copy = SmallBtt.Start + info.Copy;
        Assert.Equal([(false, copy, 4096L), (true, copy, 4096L), (false, SmallBtt.Start, 4096L), (true, SmallBtt.Start, 4096L)], medium.Steps.TakeLast(4));
        Assert.Equal([(copy, 4096L), (SmallBtt.Start, 4096L)], medium.Flushes.TakeLast(2));
        byte[] bytes = new byte[medium.Length];
        medium.Read(0, bytes);
        var independent = new IndependentBtt(bytes, SmallBtt.Start, zeroUnwritten: asPool);
        Assert.Equal(3000U, independent.Sectors);
        byte[] data = new byte[512];
        if (!asPool)
            data.AsSpan().Fill(0xA5); // The blocks of sectors never written are not touched.
        Assert.Equal(data, independent.Read(2999));
    }

    private static void AssertRoomAndFlushes(RoomMedium medium)
    {
        Assert.Contains(medium.Steps, step => step.IsStore);
        for (int i = 0; i < medium.Steps.Count; i++)
        {
            (bool isStore, long offset, long length) = medium.Steps[i];
            if (!isStore)
                continue;
            Assert.Contains(medium.Steps.Take(i), room => !room.IsStore && room.Offset <= offset && offset + length <= room.Offset + room.Length);
            Assert.Contains(medium.Flushes, flush => flush.Offset <= offset && offset + length <= flush.Offset + flush.Length);
        }
    }
}
