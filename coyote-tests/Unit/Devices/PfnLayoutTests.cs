using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>What of a namespace is mapped, where its page frames go, and where its data are.</summary>
public sealed class PfnLayoutTests
{
    private const ulong Section = FrameMap.PagesPerSection;
    private const long PageSize = 1 << Pfn.PageShift;

    // The frames of 64 pages take one. Those of a section lie in one piece, aligned to the largest power of two in their number, and behind
    // those of the section before: else they are kept in memory.
    [Theory]
    [InlineData(32 * Section, 16384UL, 512UL, true)]
    [InlineData(32 * Section, 16384UL, 511UL, false)]
    [InlineData(32 * Section, 16384UL, 513UL, true)]
    [InlineData(32 * Section, 16384UL, 2UL, false)]
    [InlineData(32 * Section, 16384UL, 3UL, false)]
    [InlineData(32 * Section, 16384UL, 0UL, false)]
    [InlineData((32 * Section) + 16384, 32768UL, 768UL, true)] // Half of one section and half of the next.
    [InlineData((32 * Section) + 16384, 32768UL, 767UL, false)]
    [InlineData((33 * Section) - 512, 512UL + 16384UL, 1024UL, false)] // Eight pages, then 256, with a gap between.
    [InlineData((33 * Section) - 16384, 16384UL + 512UL, 520UL, true)] // 256, then eight.
    [InlineData((33 * Section) - 16384, 16384UL + 512UL, 519UL, false)]
    public void I49_frames_go_to_the_front_of_the_medium_where_they_fit_in_one_piece(ulong start, ulong length, ulong front, bool fits)
    {
        using var machine = new TestMachine();
        var range = new PfnRange(new Pfn(start), length);
        var names = new PmemNamespace(machine.Space.AddDevice(range, "pmem"));
        var legacy = new NamespaceContent();
        SetLegacy(legacy, new LegacyInfoBlock(NamespaceMode.Pfn, (long)front * PageSize, names.Length, 512));
        AssertLayout(fits, (long)front * PageSize, PfnLayout.Of(names, legacy));
        var pfn = new NamespaceContent();
        SetPfn(pfn, Info((long)front * PageSize, FrameLocation.Medium));
        AssertLayout(fits, (long)front * PageSize, PfnLayout.Of(names, pfn));
        SetPfn(pfn, Info((long)front * PageSize, FrameLocation.Memory));
        AssertLayout(false, (long)front * PageSize, PfnLayout.Of(names, pfn));

        void AssertLayout(bool onMedium, long data, PfnLayout layout)
        {
            Assert.Equal((range, data, names.Length - data), (layout.Range, layout.DataOffset, layout.DataLength));
            Assert.Equal(onMedium, layout.Altmap is not null);
            if (layout.Altmap is { } altmap)
                Assert.Equal((range.Start, 2UL, front - 2, 0UL, 0UL), (altmap.BasePfn, altmap.Reserve, altmap.Free, altmap.Allocated, altmap.Align));
        }
    }

    [Fact]
    public void What_the_block_leaves_out_at_either_end_is_not_mapped_and_holds_no_data()
    {
        using var machine = new TestMachine();
        const long pad = 2 << 20, end = 6 << 20, data = 4 << 20;
        var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(32 * Section), 16384), "pmem"));
        foreach (FrameLocation frames in (FrameLocation[])[FrameLocation.Medium, FrameLocation.Memory])
        {
            var content = new NamespaceContent();
            SetPfn(content, Info(data, frames) with { StartPad = (uint)pad, EndTruncation = (uint)end });
            PfnLayout layout = PfnLayout.Of(names, content);
            Assert.Equal(new PfnRange(new Pfn((32 * Section) + 512), 16384 - 512 - 1536), layout.Range);
            Assert.Equal((pad + data, names.Length - pad - data - end), (layout.DataOffset, layout.DataLength));
            Assert.Equal(frames == FrameLocation.Medium, layout.Altmap is not null);
            if (layout.Altmap is { } altmap)
                Assert.Equal((layout.Range.Start, 2UL, 1022UL), (altmap.BasePfn, altmap.Reserve, altmap.Free));
        }
    }

    [Fact]
    public void A_medium_for_reading_takes_no_frames()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        const long length = 64 << 20;
        var names = new PmemNamespace(machine.Space.AddDevice(new PfnRange(new Pfn(32 * Section), length / PageSize), "pmem", machine.NewFile(length), readOnly: true));
        var content = new NamespaceContent();
        SetLegacy(content, new LegacyInfoBlock(NamespaceMode.Pfn, 4 << 20, length, 512));
        Assert.Null(PfnLayout.Of(names, content).Altmap);
    }

    private static PfnInfo Info(long data, FrameLocation frames) => new() { Mode = NamespaceMode.Pfn, Uuid = Guid.NewGuid(), DataOffset = data, Frames = (uint)frames };

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_Legacy")]
    private static extern void SetLegacy(NamespaceContent content, LegacyInfoBlock? value);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_Pfn")]
    private static extern void SetPfn(NamespaceContent content, PfnInfo? value);
}
