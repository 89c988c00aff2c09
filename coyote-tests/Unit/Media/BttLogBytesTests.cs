using System.Buffers.Binary;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>What a write leaves in the log, as a kernel and as libpmemblk each have it; and which pools can be.</summary>
public sealed class BttLogBytesTests
{
    private const uint Written = 0xC000_0000, Zeroed = 0x8000_0000, Failed = 0x4000_0000;

    [Theory]
    [InlineData(false, 0, 2U, 4U)] // Never written: the block of the sector's own number.
    [InlineData(false, Written | 3, 3U, 4U)]
    [InlineData(false, Zeroed | 3, 3U, 4U)]
    [InlineData(false, Failed | 3, 3 | Failed, 4U)]
    [InlineData(true, 0, 2 | Written, 4 | Written)]
    [InlineData(true, Written | 3, 3 | Written, 4 | Written)]
    [InlineData(true, Zeroed | 3, 3 | Zeroed, 4 | Written)]
    [InlineData(true, Failed | 3, 3 | Failed, 4 | Written)]
    public void A_log_entry_names_sector_old_block_and_new_block_with_the_state_bits_of_whose_it_is(bool isPool, uint entry, uint old, uint @new)
    {
        BttInfo info = SmallBtt.Info(4, 512, 1);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info, isPool);
        long map = SmallBtt.Start + info.Map;
        medium.StoreEntry(map + 8, entry);
        if (entry != 0)
            medium.StoreEntry(map + 12, Written | 2); // Each block once.
        BttArena arena = SmallBtt.Open(medium, info, isPool);
        Span<byte> log = medium.Bytes.AsSpan((int)(SmallBtt.Start + info.Log), 64);
        Assert.Equal((0U, isPool ? 4 | Zeroed : 4, isPool ? 4 | Zeroed : 4, 1U), Entry(log, 0));
        arena.Write(2, new byte[512]);
        Assert.Equal((2U, old, @new, 2U), Entry(log, 16));
        Assert.Equal(4 | Written, medium.LoadEntry(map + 8));
        uint freed = old & 0x3FFF_FFFF;
        arena.Write(0, new byte[512]);
        Assert.Equal((0U, isPool ? Written : 0, isPool ? freed | Written : freed, 3U), Entry(log, 0));
        Assert.Equal(new byte[32], log[32..].ToArray());
    }

    /// <summary>libpmemblk rounds a sector's size up to 256 bytes; a lane and one sector must fit.</summary>
    [Theory]
    [InlineData(65024U, true)] // 254 times 256.
    [InlineData(65025U, false)]
    [InlineData(512U, true)]
    [InlineData(511U, false)]
    [InlineData(0U, false)]
    [InlineData(uint.MaxValue, false)]
    public void A_pool_that_was_never_written_is_one_only_if_its_sectors_fit(uint sectorSize, bool fits)
    {
        var medium = new SparseMedium((16 << 20) + 8192);
        medium.Write(0, "PMEMBLK\0"u8);
        byte[] size = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size, sectorSize);
        medium.Write(4096, size);
        if (!fits)
        {
            Assert.Equal(InfoBlockFault.Inconsistent, Assert.Throws<InfoBlockException>(() => NamespaceContent.Find(medium, default)).Fault);
            return;
        }
        NamespaceContent content = NamespaceContent.Find(medium, default);
        Assert.Equal((NamespaceMode.Btt, sectorSize), (content.Mode, content.Pool!.Value.SectorSize));
        BttStore store = BttStore.Open(medium, content, allowDamaged: false);
        byte[] data = new byte[sectorSize], read = new byte[sectorSize];
        data.AsSpan().Fill(7);
        store.Write(store.Sectors - 1, data);
        store.Read(store.Sectors - 1, read);
        Assert.Equal(data, read);
    }

    [Theory]
    [InlineData(16 << 20, true)]
    [InlineData((16 << 20) - 4096, false)]
    [InlineData(0, false)]
    public void A_pool_that_has_no_room_for_an_arena_is_refused_as_cut(int behind, bool fits)
    {
        var medium = new SparseMedium(behind + PoolHeader.Size);
        medium.Write(0, "PMEMBLK\0"u8);
        medium.Write(4096, [0, 2, 0, 0]);
        if (fits)
            Assert.Equal(512U, NamespaceContent.Find(medium, default).Pool!.Value.SectorSize);
        else
            Assert.Equal((InfoBlockFault.Truncated, $"The pool has {medium.Length} bytes, too few for an arena."), Refusal());

        (InfoBlockFault, string) Refusal()
        {
            InfoBlockException refused = Assert.Throws<InfoBlockException>(() => NamespaceContent.Find(medium, default));
            return (refused.Fault, refused.Message);
        }
    }

    private static (uint Sector, uint Old, uint New, uint Sequence) Entry(ReadOnlySpan<byte> log, int at) =>
        (Number(log[at..]), Number(log[(at + 4)..]), Number(log[(at + 8)..]), Number(log[(at + 12)..]));

    private static uint Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
