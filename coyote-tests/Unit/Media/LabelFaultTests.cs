using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>What of a label makes that it does not count, and what does not.</summary>
public sealed class LabelFaultTests
{
    private const long Size = 128 << 10, Start = 96 << 20, Label = Start + 512;
    private static readonly PfnRange Range = new(new Pfn(1 << 20), (ulong)(Start + Size) >> Pfn.PageShift);

    [Fact]
    public void I73_a_label_counts_unless_a_field_of_it_says_otherwise()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(Range, "dimm", machine.NewFile(Start + Size));
        LabelArea.Create(region, Size).Create(16L << 20, NamespaceMode.Raw, "one");
        byte[] whole = Use(medium =>
        {
            byte[] bytes = new byte[128];
            medium.Read(Label, bytes);
            return bytes;
        });
        (int At, int Bytes, ulong Value, string? Fault)[] cases =
        [
            (80, 4, 0, null), (80, 4, 8, "being changed"), (80, 4, 15, "being changed"), (80, 4, 1, null), (80, 4, 2, null), (80, 4, 4, null), (80, 4, ~8UL, null),
            (84, 2, 2, "part 0 of 2"), (84, 2, 0, "part 0 of 0"), (86, 2, 1, "part 1 of 1"),
            (104, 8, 4096, null), (104, 8, 100, "bytes at 100"), (104, 8, Start - (16 << 20), null), (104, 8, Start - (16 << 20) + 4096, "bytes at"), (104, 8, Start, "bytes at"),
            (112, 8, 4096, null), (112, 8, 0, "has 0 bytes"), (112, 8, 2048, "has 2048 bytes"), (112, 8, 4097, "has 4097 bytes"), (112, 8, Start, null), (112, 8, Start + 4096, "bytes at 0"),
            (120, 4, 1, "it says slot 1"),
        ];
        foreach ((int at, int count, ulong value, string? expected) in cases)
        {
            byte[] changed = (byte[])whole.Clone();
            BitConverter.GetBytes(value).AsSpan(0, count).CopyTo(changed.AsSpan(at));
            Use(medium =>
            {
                medium.Write(Label, changed);
                return changed;
            });
            LabelArea area = LabelArea.Open(region, Size);
            string what = $"{value} at {at}: {string.Join(' ', area.Faults.Select(each => each.Message))}";
            Assert.True(area.Namespaces.Count == (expected is null ? 1 : 0) && area.Faults.Count == 1 - area.Namespaces.Count, what);
            if (expected is null)
                continue;
            Assert.Equal((MediumFaultKind.Label, Label), (area.Faults[0].Kind, area.Faults[0].Offset));
            Assert.True(area.Faults[0].Message.Contains(expected, StringComparison.Ordinal), what);
        }

        byte[] Use(Func<PmemMedium, byte[]> action) => new PmemNamespace(region, expected: NamespaceMode.Raw).Use(action);
    }

    [Fact]
    public void I73_free_space_is_told_beside_a_damaged_index_block_and_not_beside_a_label_that_does_not_count()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(Range, "dimm", machine.NewFile(Start + Size));
        LabelArea.Create(region, Size).Create(16L << 20, NamespaceMode.Raw, "one");
        long second = LabelArea.Open(region, Size).Create(16L << 20, NamespaceMode.Raw, "two").Offset;
        Damage(Start + 16); // In the first of the index blocks.
        LabelArea area = LabelArea.Open(region, Size);
        Assert.NotEmpty(area.Faults);
        Assert.All(area.Faults, fault => Assert.True(fault.Offset < Label));
        Assert.Equal(second + (16L << 20), area.Create(16L << 20, NamespaceMode.Raw, "three").Offset);
        foreach (long slot in (long[])[Label, Label + 128])
        {
            Damage(slot + 120); // The number of its slot.
            area = LabelArea.Open(region, Size);
            Assert.Contains(area.Faults, fault => fault.Offset == slot);
            Assert.Contains("which space is free cannot be told", Assert.Throws<InvalidOperationException>(() => area.Create(16L << 20, NamespaceMode.Raw, "four")).Message, StringComparison.Ordinal);
            Damage(slot + 120);
        }

        void Damage(long at) => new PmemNamespace(region, expected: NamespaceMode.Raw).Use(medium =>
        {
            byte[] one = new byte[1];
            medium.Read(at, one);
            one[0] ^= 1;
            medium.Write(at, one);
            return one;
        });
    }

    [Theory]
    [InlineData(Size, 1)]
    [InlineData(Size, 2)]
    [InlineData(2 << 20, 1)]
    [InlineData(2 << 20, 2)]
    public void I72_an_area_whose_index_blocks_are_both_damaged_is_refused_and_is_no_data(long size, int minor)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        var range = new PfnRange(Range.Start, (ulong)(Start + size) >> Pfn.PageShift);
        PhysicalRegion region = machine.Space.AddDevice(range, "dimm", machine.NewFile(Start + size));
        LabelArea.Create(region, size, minor);
        var whole = new PmemNamespace(region);
        whole.Use(medium =>
        {
            foreach (long at in (long[])[Start, Start + LabelIndex.Create(size, minor, 1).Size])
                medium.Write(at + 40, [0xDB]);
            return true;
        });
        Assert.Equal(size, LabelArea.Find(region));
        InfoBlockException refused = Assert.Throws<InfoBlockException>(() => LabelArea.Open(region));
        Assert.Equal(InfoBlockFault.Corrupt, refused.Fault);
        Assert.Contains("of the first, its checksum is wrong; of the second, its checksum is wrong", refused.Message, StringComparison.Ordinal);
        Assert.Equal(InfoBlockFault.Labelled, Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, whole)).Fault);
        Assert.Equal(InfoBlockFault.Labelled, Assert.Throws<InfoBlockException>(() => whole.Format(NamespaceMode.Btt)).Fault);
    }
}
