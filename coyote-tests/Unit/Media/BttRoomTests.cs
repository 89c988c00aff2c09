using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Room on the medium is asked for before the first store of a change, so that none can fail half-way for want of it.</summary>
public sealed class BttRoomTests
{
    private readonly BttInfo _info = SmallBtt.Info(4, 520, 1); // One lane: it is known which block is free.
    private readonly RoomMedium _medium;
    private readonly BttArena _arena;

    public BttRoomTests()
    {
        _medium = new RoomMedium(SmallBtt.LengthFor(_info));
        SmallBtt.Format(_medium, _info);
        _arena = SmallBtt.Open(_medium, _info);
        _medium.Steps.Clear();
    }

    [Fact]
    public void A_write_asks_for_its_block_its_log_entry_and_its_map_entry_before_its_first_store_and_for_no_more()
    {
        _arena.Write(2, new byte[520]);
        (long, long)[] room = [(At(_info.DataAt(4)), 520), (At(_info.LogAt(0)), 64), (At(_info.MapEntryAt(2)), 4)];
        Assert.Equal(room, _medium.Steps.TakeWhile(step => !step.IsStore).Select(step => (step.Offset, step.Length)));
        Assert.All(_medium.Steps.Skip(3), step => Assert.True(step.IsStore));
        Assert.All(_medium.Steps.Skip(3), step => Assert.Contains(room, each => step.Offset >= each.Item1 && step.Offset + step.Length <= each.Item1 + each.Item2));
    }

    [Fact]
    public void A_trim_asks_for_its_map_entry_and_for_no_more()
    {
        _arena.Trim(3);
        Assert.Equal([(false, At(_info.MapEntryAt(3)), 4), (true, At(_info.MapEntryAt(3)), 4)], _medium.Steps);
    }

    [Fact]
    public void A_write_or_trim_without_room_stores_nothing_and_the_next_one_goes_on()
    {
        byte[] data = new byte[520], read = new byte[520];
        data.AsSpan().Fill(7);
        for (int refused = 0; refused < 4; refused++)
        {
            _medium.Steps.Clear();
            _medium.RefuseAfter = refused == 3 ? 0 : refused;
            Assert.Throws<DiskFullException>(refused == 3 ? () => _arena.Trim(1) : () => _arena.Write(1, data));
            Assert.DoesNotContain(_medium.Steps, step => step.IsStore);
        }
        _medium.RefuseAfter = -1;
        _arena.Read(1, read);
        Assert.Equal(new byte[520], read);
        _arena.Write(1, data);
        _arena.Read(1, read);
        Assert.Equal(data, read);
    }

    [Fact]
    public void Finishing_an_interrupted_write_asks_for_its_map_entry_and_stores_that_alone()
    {
        uint before = _medium.LoadEntry(At(_info.MapEntryAt(2)));
        _arena.Write(2, new byte[520]);
        _medium.StoreEntry(At(_info.MapEntryAt(2)), before);
        _medium.Steps.Clear();
        SmallBtt.Open(_medium, _info);
        Assert.Equal([(false, At(_info.MapEntryAt(2)), 4), (true, At(_info.MapEntryAt(2)), 4)], _medium.Steps);
    }

    /// <summary>A look before the block is announced, and one after it: nobody has changed the entry, so the read ends.</summary>
    [Fact]
    public void A_read_looks_at_its_map_entry_twice_and_one_of_zeros_once()
    {
        _arena.Write(2, new byte[520]);
        foreach ((uint sector, int looks) in (ReadOnlySpan<(uint, int)>)[(2, 2), (1, 2)])
        {
            _medium.Looks = 0;
            _arena.Read(sector, new byte[520]);
            Assert.Equal(looks, _medium.Looks);
        }
        _arena.Trim(2);
        _medium.Looks = 0;
        _arena.Read(2, new byte[520]);
        Assert.Equal(1, _medium.Looks);
    }

    private static long At(long offset) => SmallBtt.Start + offset;
}
