using System.Diagnostics;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>What becomes of whoever waits for the end of a life that is taken back, or that another one follows.</summary>
public sealed class LivesTests
{
    [Theory]
    [InlineData(PercpuRefOptions.AllowReinit)]
    [InlineData(PercpuRefOptions.InitAtomic)]
    public void I11_I17_the_end_of_a_life_that_is_taken_back_is_cancelled_and_a_waiter_goes_on_with_the_next(PercpuRefOptions options)
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, options);
        Assert.True(reference.TryGet());
        Task first = reference.Released;
        reference.Kill();
        Assert.False(first.IsCompleted);
        Worker waiter = new(() => Assert.True(reference.WaitForRelease(TimeSpan.FromSeconds(50))));
        reference.Resurrect();
        Assert.True(first.IsCanceled, "A life that was taken back never ends, and whoever waits for it is not told.");
        Task second = reference.Released;
        Assert.NotSame(first, second);
        Assert.Equal((2, false, false), (reference.ApproximateCount, reference.IsDying, reference.IsZero));
        reference.Put();
        reference.Kill();
        Assert.Equal((1, true), (released, second.IsCompletedSuccessfully));
        waiter.Join("the release of a reference whose kill was taken back");
        reference.Reinit();
        Task third = reference.Released;
        Assert.True(second.IsCompletedSuccessfully && !third.IsCompleted);
        Assert.False(reference.WaitForRelease(TimeSpan.Zero));
        reference.Kill();
        Assert.Equal((2, true, true), (released, third.IsCompletedSuccessfully, reference.WaitForRelease(TimeSpan.Zero)));
    }

    /// <summary>What is left of a millisecond when the wait begins is less than one, and was left out: a loop of short waits was a spin.</summary>
    [Fact]
    public void A_wait_of_a_millisecond_waits()
    {
        using var reference = new PercpuRef();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 50; i++)
            Assert.False(reference.WaitForRelease(TimeSpan.FromMilliseconds(1)));
        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromMilliseconds(25), "50 waits of a millisecond were over in half of that time.");
    }

    [Fact]
    public void I17_a_revival_that_is_refused_leaves_the_life_as_it_is()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        Task life = reference.Released;
        Assert.Throws<InvalidOperationException>(reference.Resurrect);
        Assert.Throws<InvalidOperationException>(reference.Reinit);
        Assert.Same(life, reference.Released);
        reference.Get();
        reference.Kill();
        Assert.Throws<InvalidOperationException>(reference.Reinit);
        Assert.True(reference.Released == life && !life.IsCompleted && !Inside.IsSwitchLocked(reference));
        reference.Put();
        Assert.Throws<InvalidOperationException>(reference.Resurrect);
        Assert.True(life.IsCompletedSuccessfully && !Inside.IsSwitchLocked(reference));
        Assert.True(reference.Released.IsCompletedSuccessfully);
    }
}
