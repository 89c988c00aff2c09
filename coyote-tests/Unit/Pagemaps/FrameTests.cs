using Percpu.Pagemap;

namespace Percpu.Unit.Pagemaps;

public sealed class FrameTests
{
    [Fact]
    public void A_frame_has_the_address_of_its_first_byte()
    {
        Assert.Equal(0UL, new Pfn(0).Address);
        Assert.Equal(0x1000UL, new Pfn(1).Address);
        Assert.Equal(ulong.MaxValue - 4095, new Pfn(Pfn.MaxValue).Address);
        Assert.Throws<OverflowException>(() => new Pfn(Pfn.MaxValue + 1).Address);
    }

    [Fact]
    public void A_range_is_half_open()
    {
        var range = new PfnRange(new Pfn(10), 5);

        Assert.False(range.Contains(new Pfn(9)));
        Assert.True(range.Contains(new Pfn(10)));
        Assert.True(range.Contains(new Pfn(14)));
        Assert.False(range.Contains(new Pfn(15)));
        Assert.Equal(new Pfn(15), range.End);
        Assert.False(new PfnRange(new Pfn(10), 0).Contains(new Pfn(10)));
        Assert.Throws<OverflowException>(() => new PfnRange(new Pfn(2), ulong.MaxValue).End);
    }

    [Theory]
    [InlineData(10, 5, 15, 5, false)]
    [InlineData(10, 5, 14, 5, true)]
    [InlineData(10, 5, 5, 5, false)]
    [InlineData(10, 5, 5, 6, true)]
    [InlineData(10, 5, 11, 1, true)]
    [InlineData(10, 5, 0, 100, true)]
    [InlineData(10, 5, 10, 5, true)]
    [InlineData(10, 0, 10, 5, false)]
    [InlineData(10, 5, 12, 0, false)]
    public void Ranges_overlap_when_they_share_a_frame(ulong start, ulong length, ulong otherStart, ulong otherLength, bool overlap)
    {
        var range = new PfnRange(new Pfn(start), length);
        var other = new PfnRange(new Pfn(otherStart), otherLength);

        Assert.Equal(overlap, range.Overlaps(other));
        Assert.Equal(overlap, other.Overlaps(range));
    }

    [Fact]
    public void Every_value_can_be_shown_also_one_without_address_and_a_range_that_wraps()
    {
        Assert.Equal("pfn 0xffffffffffffffff", new Pfn(ulong.MaxValue).ToString());
        Assert.Equal("pfn 0x200+0xffffffffffffffff", new PfnRange(new Pfn(512), ulong.MaxValue).ToString());
    }
}
