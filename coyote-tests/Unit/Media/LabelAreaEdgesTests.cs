using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Where a label area is looked for, and how large it is.</summary>
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
    [InlineData(1472U, true)]
    [InlineData(1473U, false)]
    [InlineData(1533U, false)] // More than the area has room for, too.
    public void An_index_block_that_is_too_short_for_the_bits_of_its_slots_does_not_count(uint slots, bool counts)
    {
        var area = new SparseMedium(192 << 10);
        LabelIndex.Create(Size, 1, 1).Write(area, 0); // Of 256 bytes, 72 of them before the bits.
        byte[] block = new byte[256];
        area.Read(0, block);
        BitConverter.TryWriteBytes(block.AsSpan(56), slots);
        Fletcher64.Store(block, 64);
        area.Write(0, block);
        LabelIndex? read = LabelIndex.Read(area, 0, out string fault);
        Assert.Equal(counts, read is not null);
        Assert.Contains($"{slots} slots", fault, StringComparison.Ordinal);
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
