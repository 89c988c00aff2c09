using Percpu.Pagemap;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

/// <summary>Each case fails the named check and every later one, so that it tells the order too.</summary>
public sealed class RegisterChecksTests : IDisposable
{
    private readonly PagemapTable _table = new();
    private readonly DevPagemap _taken;

    public RegisterChecksTests() => _taken = _table.Register(0, 4 * Section);

    public void Dispose()
    {
        // Whatever was refused has left nothing behind.
        _table.TearDown(_taken);
        Assert.Equal(0, Height(_table));
    }

    [Fact]
    public void I43_a_map_beyond_the_largest_is_refused_before_it_asks_for_memory()
    {
        var table = new PagemapTable();
        var range = new PfnRange(new Pfn(0), PagemapTable.MaxPages + PagemapTable.PagesPerSubsection);
        var exception = Assert.Throws<PfnRangeException>("range", () => table.Register(range, new PercpuRef()));
        Assert.Equal(range, exception.ActualValue);
        Assert.Null(table.GetDevPagemap(range.Start));
    }

    [Fact]
    public void I43_first_a_missing_reference() =>
        Assert.Throws<ArgumentNullException>("reference", () => _table.Register(Range(3, 0), null!));

    [Theory]
    [InlineData(0UL)]
    [InlineData(3UL)]
    [InlineData(ulong.MaxValue)]
    public void I43_second_an_empty_range(ulong start) => AssertRefused(Range(start, 0), "empty");

    [Theory]
    [InlineData(1UL, ulong.MaxValue)]
    [InlineData(3UL, Pfn.MaxValue)]
    [InlineData(512UL, Pfn.MaxValue + 1)]
    [InlineData(Pfn.MaxValue - 511, 1024UL)]
    [InlineData(Pfn.MaxValue + 1, 512UL)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 511, 512UL)]
    public void I43_third_a_range_that_wraps(ulong start, ulong length) => AssertRefused(Range(start, length), "wraps");

    [Theory]
    [InlineData(1UL, 512UL)]
    [InlineData(511UL, 512UL)]
    [InlineData(0UL, 1UL)]
    [InlineData(512UL, 513UL)]
    [InlineData(256UL, 256UL)]
    [InlineData(Pfn.MaxValue, 1UL)]
    public void I43_fourth_a_misaligned_range(ulong start, ulong length) => AssertRefused(Range(start, length), "multiples of 512");

    [Theory]
    [InlineData(0UL, 4 * Section)]
    [InlineData(0UL, Subsection)]
    [InlineData(Section, Section)]
    [InlineData(4 * Section - Subsection, Subsection)]
    [InlineData(3 * Section, 3 * Section)]
    [InlineData(0UL, 5000 * Section)]
    public void I43_fifth_a_range_that_overlaps_or_lies_in_a_registered_one(ulong start, ulong length) => AssertBusy(start, length, _taken);

    [Theory]
    [InlineData(6 * Section, 4 * Section)]
    [InlineData(8 * Section - Subsection, 2 * Subsection)]
    [InlineData(5 * Section, 3000 * Section)]
    [InlineData(8 * Section, Subsection)]
    [InlineData(9 * Section - Subsection, Subsection)]
    public void I43_fifth_a_range_that_encloses_a_registered_one_or_shares_a_section_with_it(ulong start, ulong length)
    {
        DevPagemap inside = _table.Register(8 * Section + Subsection, Subsection);
        AssertBusy(start, length, inside);
        _table.TearDown(inside);
    }

    [Fact]
    public void I43_a_range_next_to_a_registered_one_is_free()
    {
        DevPagemap next = _table.Register(4 * Section, Subsection);
        Assert.Same(next, _table.At(4 * Section));
        Assert.Same(_taken, _table.At(4 * Section - 1));
        _table.TearDown(next);
    }

    [Fact]
    public void I43_the_exception_of_a_busy_range_has_its_standard_forms()
    {
        var cause = new FormatException();
        Assert.NotEmpty(new RangeBusyException().Message);
        Assert.Equal("text", new RangeBusyException("text").Message);
        Assert.Same(cause, new RangeBusyException("text", cause).InnerException);
    }

    private void AssertRefused(PfnRange range, string reason)
    {
        using var reference = new PercpuRef();
        var exception = Assert.Throws<PfnRangeException>(nameof(range), () => _table.Register(range, reference));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Contains(range.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.Equal(range, exception.ActualValue);
    }

    private void AssertBusy(ulong start, ulong length, DevPagemap inTheWay)
    {
        using var reference = new PercpuRef();
        var exception = Assert.Throws<RangeBusyException>(() => _table.Register(Range(start, length), reference));
        Assert.Equal(Range(start, length), exception.Requested);
        Assert.Equal(inTheWay.Range, exception.InTheWay);
        Assert.Contains(inTheWay.Range.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.False(reference.IsDying);
    }
}
