using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Which numbers of a pfn block fit its namespace, at their limits and a step beyond.</summary>
public sealed class PfnCheckTests
{
    private const long Length = 64 * Mebibyte, Mebibyte = 1 << 20, Half = Mebibyte / 2;

    [Fact]
    public void I72_a_format_of_a_namespace_that_begins_between_granules_is_refused_and_writes_nothing()
    {
        var medium = new SparseMedium(64L << 20);
        var refused = Assert.Throws<InfoBlockException>(() =>
            PmemNamespace.FormatBlank(medium, NamespaceMode.Pfn, 512, FrameLocation.Memory, new NamespaceIdentity(Guid.Empty, 1, null, Start: 4096)));
        Assert.Equal((InfoBlockFault.Padding, 0L), (refused.Fault, medium.Stores));
        PmemNamespace.FormatBlank(medium, NamespaceMode.Pfn, 512, FrameLocation.Memory, new NamespaceIdentity(Guid.Empty, 1, null, Start: 2L << 20));
        Assert.NotEqual(0, medium.Stores);
    }

    /// <summary>A range that is mapped begins and ends at multiples of 2 MiB of its region, wherever in it the namespace begins.</summary>
    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(0, 2 * Mebibyte, 0, true)]
    [InlineData(0, Half, 0, false)]
    [InlineData(Half, 3 * Half, 0, true)]
    [InlineData(Half, Half, 0, false)]
    [InlineData(Half, 0, 0, false)]
    [InlineData(3 * Half, Half, 0, true)]
    [InlineData(3 * Half, 3 * Half, 0, false)]
    [InlineData(2 * Mebibyte, 2 * Mebibyte, 0, true)]
    [InlineData(0, 0, 2 * Mebibyte, true)]
    [InlineData(0, 0, Half, false)]
    [InlineData(Half, 3 * Half, Half, true)]
    [InlineData(Half, 3 * Half, Mebibyte, false)]
    [InlineData(Half, 3 * Half, 3 * Half, false)]
    [InlineData(0, 62 * Mebibyte, 2 * Mebibyte, false)] // Nothing is left.
    public void I73_what_is_left_out_makes_whole_granules_of_the_rest(long start, long pad, long truncation, bool fits) =>
        AssertFault(fits ? null : InfoBlockFault.Padding, start, Pfn() with { StartPad = (uint)pad, EndTruncation = (uint)truncation });

    [Theory]
    [InlineData(0, 0, 2 * Mebibyte, 2 * Mebibyte, true)]
    [InlineData(0, 0, Mebibyte, 2 * Mebibyte, false)] // Misaligned.
    [InlineData(0, 0, 2 * Mebibyte + 4096, 2 * Mebibyte, false)]
    [InlineData(0, 0, 2 * Mebibyte + 4096, 4096, true)]
    [InlineData(0, 0, 8192, 4096, true)] // Behind the two info blocks.
    [InlineData(0, 0, 4096, 4096, false)]
    [InlineData(0, 0, 62 * Mebibyte, 2 * Mebibyte, true)] // One granule of data.
    [InlineData(0, 0, 64 * Mebibyte, 2 * Mebibyte, false)]
    [InlineData(0, 0, 64 * Mebibyte - 4096, 4096, true)]
    [InlineData(0, 2 * Mebibyte, 62 * Mebibyte, 2 * Mebibyte, false)] // It counts from behind the padding.
    [InlineData(0, 2 * Mebibyte, 60 * Mebibyte, 2 * Mebibyte, true)]
    [InlineData(Half, 3 * Half, 2 * Mebibyte, 2 * Mebibyte, true)]
    [InlineData(Half, 3 * Half, 2 * Mebibyte + Half, 2 * Mebibyte, false)]
    [InlineData(Half, 3 * Half, 60 * Mebibyte, 2 * Mebibyte, true)] // The last granule ends 512 KiB before the namespace.
    [InlineData(Half, 3 * Half, 62 * Mebibyte, 2 * Mebibyte, false)]
    public void I73_data_begin_behind_the_blocks_where_pages_of_their_alignment_can_and_before_the_end(long start, long pad, long offset, long alignment, bool fits) =>
        AssertFault(fits ? null : InfoBlockFault.DataOffset, start, Pfn() with { StartPad = (uint)pad, DataOffset = offset, Alignment = (uint)alignment });

    private static PfnInfo Pfn() => PfnInfo.Create(NamespaceMode.Pfn, Length, FrameLocation.Memory, Guid.Empty);

    private static void AssertFault(InfoBlockFault? fault, long start, PfnInfo info)
    {
        InfoBlockException? thrown = null;
        try
        {
            info.Check(start, Length);
        }
        catch (InfoBlockException exception)
        {
            thrown = exception;
        }
        Assert.Equal(fault, thrown?.Fault);
    }
}
