using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>What each change of a btt asks room for, stores and flushes, step by step: with another order, or without a flush, a crash could
/// lose what was there.</summary>
public sealed class BttStepsTests
{
    [Theory]
    [InlineData(512U, false)]
    [InlineData(520U, false)]
    [InlineData(4096U, true)]
    public void I74_a_write_makes_room_then_stores_data_both_halves_of_the_log_entry_and_the_map_each_flushed_before_the_next(uint sectorSize, bool isPool)
    {
        BttInfo info = SmallBtt.Info(5, sectorSize, 1); // One lane: who writes next takes what the last one freed.
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info, isPool);
        BttArena arena = SmallBtt.Open(medium, info, isPool);
        uint[] blocks = [0, 1, 2, 3, 4];
        uint free = 5;
        long log = SmallBtt.Start + info.Log;
        int slot = 0;
        foreach (uint sector in (uint[])[3, 0, 3, 4, 4])
        {
            Clear(medium);
            arena.Write(sector, new byte[sectorSize]);
            slot = 1 - slot; // The older of the two entries.
            long data = SmallBtt.Start + info.DataAt(free), map = SmallBtt.Start + info.MapEntryAt(sector), entry = log + (slot * 16);
            Assert.Equal(
                [(false, data, sectorSize), (false, log, 64), (false, map, 4), (true, data, sectorSize), (true, entry, 8), (true, entry + 8, 8), (true, map, 4)],
                medium.Steps);
            Assert.Equal([(data, sectorSize), (entry, 8), (entry + 8, 8), (map, 4)], medium.Flushes);
            (free, blocks[sector]) = (blocks[sector], free);
            Clear(medium);
            arena.Trim(sector);
            Assert.Equal([(false, map, 4), (true, map, 4)], medium.Steps);
            Assert.Equal([(map, 4L)], medium.Flushes);
            Assert.Equal(BttInfo.Zeroed | blocks[sector], medium.LoadEntry(map));
        }
        Clear(medium);
        arena.Read(3, new byte[sectorSize]);
        Assert.Empty(medium.Steps);
        Assert.Empty(medium.Flushes);
    }

    [Fact]
    public void I74_opening_finishes_an_interrupted_write_with_one_store_to_the_map()
    {
        BttInfo info = SmallBtt.Info(5, 512, 2);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        SmallBtt.Open(medium, info).Write(3, new byte[512]);
        long map = SmallBtt.Start + info.MapEntryAt(3);
        uint entry = medium.LoadEntry(map);
        medium.StoreEntry(map, 0); // As before the last step.
        Clear(medium);
        SmallBtt.Open(medium, info);
        Assert.Equal([(false, map, 4L), (true, map, 4L)], medium.Steps);
        Assert.Equal([(map, 4L)], medium.Flushes);
        Assert.Equal(entry, medium.LoadEntry(map));
    }

    [Fact]
    public void I74_a_format_flushes_map_and_log_of_every_arena_and_then_its_blocks_from_the_last_arena_to_the_first()
    {
        BttInfo first = SmallBtt.Info(3000, 512, 3), second = SmallBtt.Info(70, 4096, 2);
        first = first with { Next = first.End };
        var medium = new RoomMedium(SmallBtt.Start + first.End + second.End);
        byte[] junk = new byte[medium.Length];
        junk.AsSpan().Fill(0xA5);
        medium.Write(0, junk);
        Clear(medium);
        BttFormat.Write(medium, SmallBtt.Start, [first, second], asPool: false);
        long one = SmallBtt.Start, other = one + first.End;
        Assert.Equal(
            [
                (one + first.Map, first.Copy - first.Map), (one + first.Log, 3 * 64), (other + second.Map, second.Copy - second.Map), (other + second.Log, 2 * 64),
                (other + second.Copy, 4096), (other, 4096), (one + first.Copy, 4096), (one, 4096),
            ],
            medium.Flushes);
        // From each map to the copy everything is new, and nothing elsewhere but the blocks.
        byte[] found = new byte[medium.Length];
        medium.Read(0, found);
        foreach ((long start, BttInfo info) in (ReadOnlySpan<(long, BttInfo)>)[(one, first), (other, second)])
        {
            Assert.Equal(-1, found.AsSpan((int)(start + 4096), (int)info.Map - 4096).IndexOfAnyExcept((byte)0xA5));
            Assert.Equal(-1, found.AsSpan((int)(start + info.Map), (int)(info.Log - info.Map)).IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, found.AsSpan((int)(start + info.Log + (info.Free * 64)), (int)(info.Copy - info.Log - (info.Free * 64))).IndexOfAnyExcept((byte)0));
            Assert.Equal(info, BttInfo.Read(found.AsSpan((int)start, 4096)));
            Assert.Equal(found.AsSpan((int)start, 4096).ToArray(), found.AsSpan((int)(start + info.Copy), 4096).ToArray());
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    public void A_pool_that_is_written_first_gets_the_arenas_that_fit_and_the_sectors_it_said_it_had(long more)
    {
        var medium = new SparseMedium(PoolHeader.Size + (20 << 20) + more); // It answers for no byte behind it.
        medium.Write(0, "PMEMBLK\0"u8);
        medium.Write(4096, [0, 2, 0, 0]);
        BttStore store = BttStore.Open(medium, NamespaceContent.Find(medium, default), allowDamaged: false);
        byte[] data = [.. Enumerable.Repeat((byte)5, 512)], found = new byte[512];
        store.Write(store.Sectors - 1, data);
        NamespaceContent content = NamespaceContent.Find(medium, default);
        (long start, BttInfo info) = Assert.Single(content.Arenas);
        Assert.Equal((PoolHeader.Size, store.Sectors, ((20 << 20) + Math.Min(more, 0)) & -4096), (start, info.Sectors, info.End));
        BttStore.Open(medium, content, allowDamaged: false).Read(store.Sectors - 1, found);
        Assert.Equal(data, found);
    }

    [Fact]
    public void A_write_in_the_first_format_stores_the_other_slots_data_and_then_its_header_each_flushed()
    {
        using var queue = new RequestQueue();
        const long length = 1 << 20, offset = 8192;
        var info = new LegacyInfoBlock(NamespaceMode.Btt, offset, length, 512);
        var medium = new RoomMedium(length);
        var disk = new LegacyBttDisk("legacy", queue, medium, info);
        long data = offset + (info.Sectors * 32);
        int slot = 1;
        foreach (long sector in (long[])[7, 0, info.Sectors - 1])
        {
            for (int round = 0; round < 3; round++)
            {
                slot = round % 2 == 0 ? 0 : 1; // Nothing was written yet: as if the second counted.
                Clear(medium);
                disk.Write(sector * 512, new byte[512]);
                (long at, long header) = (data + (((sector * 2) + slot) * 512), offset + (((sector * 2) + slot) * 16));
                Assert.Equal([(true, at, 512L), (true, header, 16L)], medium.Steps);
                Assert.Equal([(at, 512L), (header, 16L)], medium.Flushes);
            }
        }
        Clear(medium);
        disk.Flush();
        Assert.Equal([(0L, length)], medium.Flushes);
        Assert.Empty(medium.Steps);
        // More sectors at once than one has bytes.
        byte[] many = new byte[600 * 512], found = new byte[600 * 512];
        new Random(1).NextBytes(many);
        disk.Write(512, many);
        disk.Read(512, found);
        Assert.Equal(many, found);
        disk.Read(512 + (599 * 512), found.AsSpan(0, 512));
        Assert.Equal(many[^512..], found[..512]);
    }

    private static void Clear(RoomMedium medium)
    {
        medium.Steps.Clear();
        medium.Flushes.Clear();
        medium.Looks = 0;
    }
}
