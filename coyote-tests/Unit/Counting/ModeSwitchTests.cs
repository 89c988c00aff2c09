namespace Percpu.Unit.Counting;

public sealed class ModeSwitchTests
{
    [Fact]
    public void I15_SwitchToAtomic_is_sticky_over_kill_and_reinit_until_SwitchToPercpu()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        reference.SwitchToAtomic();
        Assert.False(reference.IsPercpu);
        Assert.False(reference.IsDying);
        reference.Kill();
        reference.Reinit();
        Assert.False(reference.IsPercpu);
        reference.Get();
        reference.Kill();
        reference.Resurrect();
        Assert.False(reference.IsPercpu);
        reference.SwitchToPercpu();
        Assert.True(reference.IsPercpu);
        Assert.Equal(2, Inside.Count(reference));
        reference.Put();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void I15_SwitchToPercpu_on_a_dying_reference_acts_at_the_next_revival(bool released)
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.InitAtomic);
        reference.Get();
        reference.Kill();
        if (released)
            reference.Put();
        reference.SwitchToPercpu();
        Assert.False(reference.IsPercpu);
        if (released)
            reference.Reinit();
        else
            reference.Resurrect();
        Assert.True(reference.IsPercpu);
    }

    [Fact]
    public void I15_SwitchToAtomic_on_a_dying_reference_keeps_the_next_life_atomic()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        reference.Kill();
        reference.SwitchToAtomic();
        reference.Reinit();
        Assert.False(reference.IsPercpu);
        reference.Kill();
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void I15_counts_survive_every_switch_and_confirm_sees_atomic_mode()
    {
        int released = 0, confirmed = 0;
        var reference = new PercpuRef(_ => released++, PercpuRefOptions.AllowReinit);
        for (int i = 1; i <= 50; i++)
        {
            reference.Get();
            reference.SwitchToAtomic(self => confirmed += self.IsPercpu ? 0 : 1);
            reference.SwitchToAtomic(_ => confirmed++);
            reference.Get();
            reference.SwitchToPercpu();
            reference.SwitchToPercpu();
            Assert.Equal(1 + (2 * i), Inside.Count(reference));
        }
        Assert.Equal(100, confirmed);
        reference.Kill();
        reference.PutMany(99);
        Assert.Equal(0, released);
        reference.Put();
        Assert.Equal(1, released);
    }

    [Fact]
    public void I10_SwitchToAtomic_releases_a_reference_whose_initial_one_was_put_meanwhile()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        reference.Put();
        reference.SwitchToAtomic(_ => Assert.Equal(0, released));
        Assert.Equal(1, released);
        Assert.True(reference.IsZero);
        Assert.False(reference.IsDying);
    }

    [Fact]
    public void I16_revivals_and_SwitchToPercpu_without_AllowReinit_throw_in_every_state()
    {
        var reference = new PercpuRef();
        AssertRefused();
        reference.SwitchToAtomic();
        AssertRefused();
        reference.Get();
        reference.Kill();
        AssertRefused();
        reference.Put();
        AssertRefused();
        Assert.True(reference.IsZero);
        Assert.True(reference.IsDying);

        void AssertRefused()
        {
            foreach (Action operation in new Action[] { reference.SwitchToPercpu, reference.Reinit, reference.Resurrect })
                Assert.Contains("AllowReinit", Assert.Throws<InvalidOperationException>(operation).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void I17_Reinit_needs_a_released_reference_and_Resurrect_a_dying_one_that_is_not()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        Assert.Throws<InvalidOperationException>(reference.Reinit);
        Assert.Throws<InvalidOperationException>(reference.Resurrect);
        reference.Get();
        reference.Kill();
        Assert.Throws<InvalidOperationException>(reference.Reinit);
        reference.Put();
        Assert.Throws<InvalidOperationException>(reference.Resurrect);
        Assert.True(reference.IsZero);
        reference.Reinit();
        Assert.Equal(1, Inside.Count(reference));

        reference.SwitchToAtomic();
        reference.Put(); // Released without a kill.
        Assert.Throws<InvalidOperationException>(reference.Resurrect);
        Assert.Throws<InvalidOperationException>(reference.SwitchToPercpu);
        Assert.False(reference.IsPercpu);
        reference.Reinit();
        Assert.True(reference.TryGetLive());
        reference.Put();
    }

    [Theory]
    [InlineData(PercpuRefOptions.InitAtomic)]
    [InlineData(PercpuRefOptions.InitDead)]
    [InlineData(PercpuRefOptions.AllowReinit)]
    [InlineData(PercpuRefOptions.InitAtomic | PercpuRefOptions.InitDead)]
    public void I2_I3_every_option_implies_AllowReinit(PercpuRefOptions options)
    {
        using var reference = new PercpuRef(null, options);
        if ((options & PercpuRefOptions.InitDead) == 0)
            reference.Kill();
        Assert.True(reference.IsDying);
        reference.Reinit();
        Assert.Equal((options & PercpuRefOptions.InitAtomic) == 0, reference.IsPercpu);
        reference.Get();
        reference.Kill();
        reference.Resurrect();
        reference.SwitchToPercpu();
        Assert.True(reference.IsPercpu);
        Assert.Equal(2, Inside.Count(reference));
    }
}
