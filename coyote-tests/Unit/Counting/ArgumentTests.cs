namespace Percpu.Unit.Counting;

public sealed class ArgumentTests
{
    public static TheoryData<string, long> BadBatches
    {
        get
        {
            var data = new TheoryData<string, long>();
            foreach (string operation in Operations.Keys)
            {
                foreach (long count in new[] { 0, -1, long.MinValue, long.MaxValue, (1L << 40) + 1 })
                    data.Add(operation, count);
            }
            return data;
        }
    }

    private static Dictionary<string, Action<PercpuRef, long>> Operations { get; } = new()
    {
        ["GetMany"] = (reference, count) => reference.GetMany(count),
        ["TryGetMany"] = (reference, count) => reference.TryGetMany(count),
        ["TryGetLiveMany"] = (reference, count) => reference.TryGetLiveMany(count),
        ["PutMany"] = (reference, count) => reference.PutMany(count),
    };

    [Theory]
    [MemberData(nameof(BadBatches))]
    public void A_batch_out_of_range_throws_with_its_value_and_changes_nothing(string operation, long count)
    {
        using var reference = new PercpuRef();
        ArgumentOutOfRangeException thrown =
            Assert.Throws<ArgumentOutOfRangeException>(() => Operations[operation](reference, count));
        Assert.Equal("count", thrown.ParamName);
        Assert.Equal(count, thrown.ActualValue);
        Assert.Contains($"{count}", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(1, Inside.Count(reference));
    }

    [Fact]
    public void I6_a_batch_of_1_and_one_of_2_to_the_40_are_in_range()
    {
        using var reference = new PercpuRef();
        Assert.Equal(1L << 40, PercpuRef.MaxBatch);
        foreach (long count in new[] { 1, PercpuRef.MaxBatch })
        {
            reference.GetMany(count);
            Assert.True(reference.TryGetMany(count));
            Assert.True(reference.TryGetLiveMany(count));
            Assert.Equal(1 + (3 * count), Inside.Count(reference));
            reference.PutMany(count);
            reference.PutMany(count);
            reference.PutMany(count);
        }
        Assert.Equal(1, Inside.Count(reference));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(-1)]
    [InlineData(17)]
    public void An_undefined_option_throws_with_its_value(int options)
    {
        ArgumentOutOfRangeException thrown =
            Assert.Throws<ArgumentOutOfRangeException>(() => new PercpuRef(null, (PercpuRefOptions)options));
        Assert.Equal((PercpuRefOptions)options, thrown.ActualValue);
    }

    [Fact]
    public void A_null_confirm_throws_and_kills_nothing()
    {
        using var reference = new PercpuRef();
        Assert.Throws<ArgumentNullException>(() => reference.KillAndConfirm(null!));
        Assert.False(reference.IsDying);
    }
}
