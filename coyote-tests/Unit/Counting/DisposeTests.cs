namespace Percpu.Unit.Counting;

public sealed class DisposeTests
{
    private int _released;

    [Theory]
    [InlineData(PercpuRefOptions.None)]
    [InlineData(PercpuRefOptions.InitAtomic)]
    [InlineData(PercpuRefOptions.InitDead)]
    [InlineData(PercpuRefOptions.AllowReinit)]
    public void I18_dispose_of_an_unused_reference_releases_it_if_it_was_live_and_may_be_repeated(PercpuRefOptions options)
    {
        PercpuRef reference = Create(options);
        reference.Dispose();
        reference.Dispose();
        Assert.Equal((options & PercpuRefOptions.InitDead) == 0 ? 1 : 0, _released);
        AssertGone(reference);
    }

    [Fact]
    public void I18_dispose_with_references_held_returns_at_once_and_the_last_put_releases()
    {
        PercpuRef reference = Create();
        reference.GetMany(2);
        reference.Dispose();
        Assert.True(reference.IsDying);
        Assert.False(reference.IsZero);
        Assert.False(reference.TryGetLive());
        reference.Get(); // Legal: one is held.
        reference.PutMany(2);
        Assert.Equal(0, _released);
        reference.Put();
        Assert.Equal(1, _released);
        AssertGone(reference);
    }

    [Fact]
    public void I18_a_disposed_reference_that_is_held_is_a_dying_one_as_in_I8_and_gone_once_released()
    {
        PercpuRef reference = Create();
        reference.Get();
        reference.Dispose();
        Assert.False(reference.TryGetLive());
        Assert.True(reference.TryGet()); // I8: until it is released.
        Assert.True(reference.TryGetMany(3));
        reference.PutMany(4);
        Assert.Equal(0, _released);
        reference.Put();
        Assert.Equal(1, _released);
        Assert.False(reference.TryGet());
        Assert.False(reference.TryGetMany(3));
        AssertGone(reference);
    }

    [Fact]
    public void I18_dispose_of_a_dying_reference_drops_nothing()
    {
        PercpuRef reference = Create();
        reference.Get();
        reference.Kill();
        reference.Dispose();
        reference.Dispose();
        Assert.Equal(1, Inside.Count(reference));
        reference.Put();
        Assert.Equal(1, _released);
        AssertGone(reference);
    }

    [Fact]
    public void I18_dispose_of_a_released_reference_releases_it_no_second_time()
    {
        PercpuRef killed = Create();
        killed.Kill();
        killed.Dispose();
        AssertGone(killed);
        Assert.Equal(1, _released);

        PercpuRef put = Create(PercpuRefOptions.InitAtomic);
        put.Put(); // Released without a kill.
        put.Dispose();
        AssertGone(put);
        Assert.Equal(2, _released);
    }

    [Fact]
    public void I18_dispose_inside_the_callbacks_and_inside_using_works()
    {
        var inRelease = new PercpuRef(self =>
        {
            _released++;
            self.Dispose();
        });
        inRelease.Kill();
        AssertGone(inRelease);
        PercpuRef inConfirm = Create();
        inConfirm.KillAndConfirm(self => self.Dispose());
        AssertGone(inConfirm);
        PercpuRef atSwitch = Create();
        atSwitch.SwitchToAtomic(self => self.Dispose());
        AssertGone(atSwitch);
        Assert.Equal(3, _released);
    }

    [Fact]
    public void I18_of_disposals_and_kills_on_several_threads_one_drops_the_initial_reference()
    {
        for (int round = 0; round < 300; round++)
        {
            _released = 0;
            PercpuRef reference = Create();
            Threads.Run(reference.Dispose, reference.Dispose, () =>
            {
                if (Record.Exception(reference.Kill) is { } lost)
                    Assert.IsAssignableFrom<InvalidOperationException>(lost);
            });
            Assert.Equal(1, _released);
            AssertGone(reference);
        }
    }

    private PercpuRef Create(PercpuRefOptions options = PercpuRefOptions.None) =>
        new(_ => Interlocked.Increment(ref _released), options);

    private static void AssertGone(PercpuRef reference)
    {
        Assert.True(reference.IsZero);
        Assert.True(reference.IsDying);
        Assert.False(reference.IsPercpu);
        Assert.True(reference.Released.IsCompletedSuccessfully);
        Assert.True(reference.WaitForRelease(TimeSpan.Zero));
        Assert.False(reference.TryGet());
        Assert.False(reference.TryGetMany(2));
        Assert.False(reference.TryGetLive());
        Assert.False(reference.TryGetLiveMany(2));
        Assert.Throws<ObjectDisposedException>(reference.Get);
        Assert.Throws<ObjectDisposedException>(() => reference.GetMany(2));
        Assert.Throws<InvalidOperationException>(reference.Put);
        Assert.Throws<ObjectDisposedException>(reference.Kill);
        Assert.Throws<ObjectDisposedException>(() => reference.KillAndConfirm(_ => Assert.Fail("confirmed")));
        Assert.Throws<ObjectDisposedException>(() => reference.SwitchToAtomic(_ => Assert.Fail("confirmed")));
        foreach (Action revival in new Action[] { reference.SwitchToPercpu, reference.Reinit, reference.Resurrect })
            Assert.ThrowsAny<InvalidOperationException>(revival);
        Assert.Equal(0, Inside.Count(reference));
    }
}
