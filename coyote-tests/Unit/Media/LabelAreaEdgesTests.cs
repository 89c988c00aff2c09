using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Where a label area is looked for, and what stands in free space when a namespace is made or deleted.</summary>
public sealed class LabelAreaEdgesTests
{
    private const long Size = 128 << 10, Namespaces = 64 << 20, Mebibyte = 1 << 20;
    private const int BlockSize = InfoSignature.BlockSize;

    [Theory]
    [InlineData(4 * Mebibyte, Size)]
    [InlineData(4 * Mebibyte, Size + 4096)] // No step of the search, but all that is behind the last granule.
    [InlineData(4 * Mebibyte, Size + 65536)]
    [InlineData(4 * Mebibyte, (2 * Mebibyte) - 4096)]
    [InlineData(6 * Mebibyte, 2 * Mebibyte)]
    [InlineData(64 * Mebibyte, 16 * Mebibyte)]
    [InlineData((4 * Mebibyte) + 4096, Size)] // The namespaces end at no granule.
    [InlineData((4 * Mebibyte) + 4096, Size + 65536)]
    [InlineData((4 * Mebibyte) + 4096, Mebibyte)]
    [InlineData((4 * Mebibyte) + 4096, 2 * Mebibyte)]
    [InlineData((4 * Mebibyte) + 4096, 16 * Mebibyte)]
    [InlineData(4 * Mebibyte, (14 * Mebibyte) + 12288)]
    public void I72_an_area_is_found_by_either_of_its_index_blocks_and_has_the_size_that_it_was_made_with(long namespaces, long size)
    {
        foreach (int minor in (int[])[1, 2])
        {
            var medium = new SparseMedium(namespaces + size);
            Assert.Equal(0, LabelIndex.FindArea(medium));
            var area = new MediumWindow(medium, namespaces, size);
            LabelIndex index = LabelIndex.Create(size, minor, 1);
            index.Write(area, 0);
            Assert.Equal(size, LabelIndex.FindArea(medium));
            medium.Write(namespaces, new byte[16]);
            Assert.Equal(0, LabelIndex.FindArea(medium));
            index.Write(area, index.Size);
            Assert.Equal(size, LabelIndex.FindArea(medium));
        }
    }

    [Theory]
    [InlineData(0, 0)] // Nothing was ever written.
    [InlineData(4096, 20)] // As the copy of a btt's info block.
    [InlineData((1 << 20) - 4096, 80)]
    [InlineData((16 << 20) - 4096, 800)]
    public void An_area_is_not_looked_for_where_nothing_was_ever_written(long written, int reads)
    {
        var medium = new SparseMedium(1 << 30);
        if (written != 0)
            medium.Write(medium.Length - written, [1]);
        Assert.Equal(0, LabelIndex.FindArea(medium));
        Assert.InRange(medium.Reads, 0, reads);
    }

    [Theory]
    [InlineData(4 * Mebibyte, Size + 65536 - 4096, Size + 4096)] // It says another size than is behind it.
    [InlineData(4 * Mebibyte, Size + 65536, Size)]
    [InlineData(4 * Mebibyte, (16 * Mebibyte) + 65536, (16 * Mebibyte) + 65536)] // Larger than any that is looked for.
    [InlineData(0, 4 * Mebibyte, 4 * Mebibyte)] // No room is left for a namespace.
    public void An_index_block_that_is_not_at_the_front_of_an_area_of_its_size_is_no_area(long before, long size, long made)
    {
        var medium = new SparseMedium(before + size);
        var area = new MediumWindow(medium, before, size);
        LabelIndex index = LabelIndex.Create(made, 1, 1);
        index.Write(area, 0);
        Assert.Equal(0, LabelIndex.FindArea(medium));
        index.Write(area, index.Size);
        medium.Write(before, new byte[16]); // Nor does the second make it one.
        Assert.Equal(0, LabelIndex.FindArea(medium));
    }

    [Theory]
    [InlineData(Size, 1, 256, 1020)]
    [InlineData(Size, 2, 256, 510)]
    [InlineData(495 * 4096, 1, 2048, 15808)] // The bits of the slots fill the block to its last byte.
    [InlineData(496 * 4096, 1, 2304, 15836)]
    [InlineData(16 * Mebibyte, 1, LabelIndex.LargestSize, 130812)]
    public void An_index_block_is_as_long_as_the_bits_of_its_slots_need(long size, int minor, int block, uint slots)
    {
        LabelIndex index = LabelIndex.Create(size, minor, 1);
        Assert.Equal((block, slots), (index.Size, index.Slots));
        var area = new SparseMedium(size);
        index.Write(area, 0);
        LabelIndex read = LabelIndex.Read(area, 0, out string fault) ?? throw new InvalidDataException(fault);
        Assert.Equal((block, slots, minor, 1U), (read.Size, read.Slots, read.Minor, read.Sequence));
        Assert.True(read.IsFree(0) && read.IsFree(slots - 1));
    }

    [Theory]
    [InlineData(16 * Mebibyte, 1)]
    [InlineData(16 * Mebibyte, 2)]
    [InlineData(2 * Mebibyte, 1)] // The range ends where a part of the medium ends for which room is asked at once.
    public void An_area_of_whole_granules_can_be_made_and_changed(long size, int minor)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        (PhysicalRegion region, LabelArea area) = CreateArea(machine, minor, size);
        area.Create(32 * Mebibyte, NamespaceMode.Btt, "one");
        area = LabelArea.Open(region);
        Assert.Equal((size, new Version(1, minor)), (area.Size, area.Version));
        area.Delete(Assert.Single(area.Namespaces));
        Assert.Empty(LabelArea.Open(region, size).Namespaces);
    }

    [Theory]
    [InlineData(17 * Mebibyte, 1)]
    [InlineData(33 * Mebibyte, 2)]
    public void An_area_that_could_not_be_read_again_is_refused_and_nothing_is_written(long size, int minor)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), (ulong)(Namespaces + size) >> Pfn.PageShift), "dimm", machine.NewFile(Namespaces + size));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(size), () => LabelArea.Create(region, size, minor));
        Use(region, medium =>
        {
            byte[] block = new byte[BlockSize];
            medium.Read(Namespaces, block);
            Assert.Equal(new byte[BlockSize], block);
        });
    }

    [Fact]
    public void Only_what_a_namespace_takes_must_be_free_of_claims_when_it_is_made_or_deleted()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        (PhysicalRegion region, LabelArea area) = CreateArea(machine);
        PmemNamespace low = area.Create(16 * Mebibyte, NamespaceMode.Raw, "low");
        // Its first and its last page, and those beside them.
        foreach ((long at, bool isFree) in (ReadOnlySpan<(long, bool)>)[(16 * Mebibyte, false), ((48 * Mebibyte) - 4096, false), ((16 * Mebibyte) - 4096, true), (48 * Mebibyte, true)])
        {
            Assert.True(region.TryClaim(at, 4096));
            Exception? thrown = Record.Exception(() => area.Create(32 * Mebibyte, NamespaceMode.Raw, "middle"));
            Assert.Equal(isFree ? null : typeof(RangeBusyException), thrown?.GetType());
            if (isFree)
                area.Delete(area.Find("middle"));
            region.Unclaim(at);
            Assert.Equal(low.Name, Assert.Single(area.Namespaces).Name);
        }
        PmemNamespace middle = area.Create(32 * Mebibyte, NamespaceMode.Raw, "middle"), high = area.Create(16 * Mebibyte, NamespaceMode.Raw, "high");
        // The neighbours on both sides are in use.
        var other = new Device(machine.Table, "other");
        PmemDriver.Bind(machine.Device, low);
        PmemDriver.Bind(other, high);
        Assert.Throws<RangeBusyException>(() => area.Delete(low));
        Assert.Throws<RangeBusyException>(() => area.Delete(high));
        area.Delete(middle);
        middle = area.Create(32 * Mebibyte, NamespaceMode.Raw, "middle");
        Assert.Equal(16 * Mebibyte, middle.Offset);
        other.Remove();
    }

    [Fact]
    public void I72_namespaces_are_listed_by_their_addresses_whatever_the_order_of_their_labels()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        (PhysicalRegion region, LabelArea area) = CreateArea(machine);
        PmemNamespace first = area.Create(16 * Mebibyte, NamespaceMode.Raw, "first");
        area.Create(16 * Mebibyte, NamespaceMode.Raw, "second");
        area.Delete(first);
        area.Create(32 * Mebibyte, NamespaceMode.Raw, "behind"); // It does not fit before the other, and takes the label before the other's.
        Assert.Equal([("second", 16 * Mebibyte), ("behind", 32 * Mebibyte)], area.Namespaces.Select(each => (each.Name, each.Offset)));
        Assert.Equal(["second", "behind"], LabelArea.Open(region).Namespaces.Select(each => each.Name));
    }

    [Fact]
    public void When_every_label_is_taken_no_namespace_is_made()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        (PhysicalRegion region, LabelArea area) = CreateArea(machine);
        Use(region, medium =>
        {
            var window = new MediumWindow(medium, Namespaces, Size);
            LabelIndex index = LabelIndex.Create(Size, 1, 3);
            byte[] bytes = new byte[index.LabelSize];
            for (uint slot = 0; slot < index.Slots; slot++)
            {
                new NamespaceLabel { Uuid = Guid.NewGuid(), Address = slot * 4096, Size = 4096, Slot = slot }.Write(bytes, 1);
                window.Write(index.LabelAt(slot), bytes);
                index.SetFree(slot, slot == 1019); // The last one is free.
            }
            index.Write(window, 0);
        });
        PmemNamespace last = area.Create(16 * Mebibyte, NamespaceMode.Raw, "last");
        Assert.Equal(1020, LabelArea.Open(region).Namespaces.Count);
        Assert.Contains("All 1020 labels", Assert.Throws<InvalidOperationException>(() => area.Create(16 * Mebibyte, NamespaceMode.Raw)).Message, StringComparison.Ordinal);
        area.Delete(last);
        Assert.Equal(1019, LabelArea.Open(region).Namespaces.Count);
    }

    [Theory]
    [InlineData("legacy", "a namespace without label")]
    [InlineData("damaged legacy", "its checksum")]
    [InlineData("pool", "a namespace without label")]
    [InlineData("new pool", "a namespace without label")]
    [InlineData("obj pool", "PMEMOBJ")]
    [InlineData("btt", "an info block at 4096 that no deleted namespace left: its parent is 00000000-")]
    [InlineData("at 0", "an info block at 0 that no deleted")]
    [InlineData("only the copy", "an info block at 4096 that no deleted")]
    [InlineData("pfn", "an info block at 4096 that no deleted")]
    [InlineData("pfn of another parent", null)] // Which a namespace that is no longer listed may have left there.
    public void I72_free_space_with_a_signature_of_any_kind_is_not_formatted_over(string what, string? says)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        (PhysicalRegion region, LabelArea area) = CreateArea(machine);
        byte[] before = new byte[2 * BlockSize], after = new byte[2 * BlockSize];
        Use(region, whole =>
        {
            var medium = new PmemMedium(region, 0, 32 * Mebibyte);
            NeverLostTests.Make(medium, what == "new pool" ? "pool" : what);
            if (what == "new pool") // It has a header, and was never written.
            {
                BttInfo info = BttCopies.ReadAt(medium, PoolHeader.Size)!;
                medium.Write(PoolHeader.Size, new byte[BlockSize]);
                medium.Write(PoolHeader.Size + info.Copy, new byte[BlockSize]);
            }
            whole.Read(0, before);
        });
        foreach (NamespaceMode mode in says is null ? [] : (NamespaceMode[])[NamespaceMode.Raw, NamespaceMode.Btt, NamespaceMode.Pfn])
        {
            Assert.Contains(says!, Assert.Throws<InfoBlockException>(() => area.Create(32 * Mebibyte, mode)).Message, StringComparison.Ordinal);
            Use(region, medium => medium.Read(0, after));
            Assert.Equal(before, after);
            Assert.Empty(LabelArea.Open(region).Namespaces);
        }
        if (says is not null)
            return;
        area.Create(32 * Mebibyte, NamespaceMode.Raw);
        Use(region, medium => medium.Read(0, after));
        Assert.Equal(new byte[2 * BlockSize], after);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_deleted_namespace_leaves_no_info_block_of_any_arena_and_its_data_stay(int minor)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        (PhysicalRegion region, LabelArea area) = CreateArea(machine, minor);
        PmemNamespace space = area.Create(48 * Mebibyte, NamespaceMode.Raw, "two arenas");
        long[] blocks = MakeArenas(space, minor == 2 ? 0 : BlockSize, space.Uuid);
        area.Delete(space);
        AssertBlank(region, blocks);
        Use(region, medium =>
        {
            byte[] data = new byte[1];
            medium.Read(100_000, data);
            Assert.Equal(7, data[0]);
        });
    }

    [Fact]
    public void What_a_deleted_namespace_left_in_free_space_goes_when_the_next_is_made_there()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        (PhysicalRegion region, LabelArea area) = CreateArea(machine);
        // As after a crash between the change of the list and the wiping: the parent is in the list no more.
        long[] blocks = MakeArenas(new PmemNamespace(region, expected: NamespaceMode.Raw), BlockSize, Guid.NewGuid());
        area.Create(48 * Mebibyte, NamespaceMode.Raw);
        AssertBlank(region, blocks);
    }

    // A btt of two small arenas, as somebody else may have made it. Returns where its blocks and their copies are.
    private static long[] MakeArenas(PmemNamespace space, long start, Guid parent)
    {
        BttInfo first = BttInfo.Create(16 * Mebibyte, 4096, 64, Guid.NewGuid(), parent);
        if (start == 0)
            first = first with { Major = 2, Minor = 0 };
        return space.Use(medium =>
        {
            BttInfo[] infos = [first with { Next = 16 * Mebibyte }, first];
            var blocks = new List<long>();
            byte[] block = new byte[BlockSize];
            for (int i = 0; i < infos.Length; i++)
            {
                infos[i].Write(block);
                foreach (long at in (long[])[start + (i * 16 * Mebibyte), start + (i * 16 * Mebibyte) + infos[i].Copy])
                {
                    medium.Write(at, block);
                    blocks.Add(at);
                }
            }
            medium.Write(100_000, [7]);
            return blocks.ToArray();
        });
    }

    private static void AssertBlank(PhysicalRegion region, long[] blocks)
    {
        Assert.Equal(4, blocks.Length);
        Use(region, medium =>
        {
            byte[] block = new byte[BlockSize];
            foreach (long at in blocks)
            {
                medium.Read(at, block);
                Assert.True(block.AsSpan().IndexOfAnyExcept((byte)0) < 0, $"A block is left at {at}.");
            }
        });
    }

    private static (PhysicalRegion Region, LabelArea Area) CreateArea(TestMachine machine, int minor = 1, long size = Size)
    {
        var range = new PfnRange(new Pfn(1 << 20), (ulong)(Namespaces + size) >> Pfn.PageShift);
        PhysicalRegion region = machine.Space.AddDevice(range, "dimm", machine.NewFile(Namespaces + size));
        return (region, LabelArea.Create(region, size, minor));
    }

    private static void Use(PhysicalRegion region, Action<PmemMedium> action) => new PmemNamespace(region, expected: NamespaceMode.Raw).Use(medium =>
    {
        action(medium);
        return true;
    });
}
