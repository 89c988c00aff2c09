using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>Which argument of a range is wrong, and what is said of it.</summary>
public sealed class BoundsTests
{
    [Theory]
    [InlineData(0, 0, 5)]
    [InlineData(0, 5, 5)]
    [InlineData(4, 1, 5)]
    [InlineData(5, 0, 5)]
    [InlineData(0, 0, 0)]
    public void A_range_inside_is_right(long offset, long length, long total) => Assert.Equal(length, Bounds.Check(offset, length, total));

    [Theory]
    [InlineData(-1, 0, "offset", "The offset is not inside: there are 5 bytes.")]
    [InlineData(6, 0, "offset", "The offset is not inside: there are 5 bytes.")]
    [InlineData(long.MinValue, long.MaxValue, "offset", "The offset is not inside: there are 5 bytes.")]
    [InlineData(0, -1, "length", "A length cannot be negative.")]
    [InlineData(5, -1, "length", "A length cannot be negative.")]
    [InlineData(0, 6, "length", "Too long: there are 5 bytes, 5 of them from 0 on.")]
    [InlineData(4, 2, "length", "Too long: there are 5 bytes, 1 of them from 4 on.")]
    [InlineData(5, 1, "length", "Too long: there are 5 bytes, 0 of them from 5 on.")]
    [InlineData(1, long.MaxValue, "length", "Too long: there are 5 bytes, 4 of them from 1 on.")]
    public void Of_a_wrong_range_the_argument_is_told_that_is_wrong(long offset, long length, string argument, string said)
    {
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(argument, () => Bounds.Check(offset, length, 5));
        Assert.Equal(argument == "offset" ? offset : length, thrown.ActualValue);
        Assert.StartsWith(said, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(4, 1, true)]
    [InlineData(5, 1, false)]
    [InlineData(-1, 1, false)]
    [InlineData(1, 4, true)]
    [InlineData(2, 4, false)]
    [InlineData(5, 4, false)]
    [InlineData(6, 4, false)]
    [InlineData(-1, 4, false)]
    [InlineData(long.MaxValue, 4, false)]
    [InlineData(long.MinValue, 4, false)]
    public void A_value_must_lie_wholly_inside(long offset, int size, bool inside)
    {
        Assert.Equal(inside, Bounds.Holds(offset, size, 5));
        if (inside)
        {
            Bounds.CheckValue(offset, size, 5);
            return;
        }
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => Bounds.CheckValue(offset, size, 5));
        Assert.Equal(offset, thrown.ActualValue);
        Assert.StartsWith(offset is < 0 or >= 5 ? "The offset is not inside: there are 5 bytes." : $"A value of {size} bytes does not fit at {offset}: there are 5 bytes.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_are_no_bytes_that_is_said_whatever_else_is_wrong()
    {
        foreach ((long offset, Action check) in ((long, Action)[])[(1, () => Bounds.Check(1, 0, 0)), (0, () => Bounds.Check(0, 1, 0)), (0, () => Bounds.CheckValue(0, 1, 0)), (-1, () => Bounds.CheckValue(-1, 8, 0))])
        {
            var thrown = Assert.Throws<ArgumentOutOfRangeException>("offset", check);
            Assert.StartsWith("There are no bytes here", thrown.Message, StringComparison.Ordinal);
            Assert.Equal(offset, thrown.ActualValue);
        }
    }
}
