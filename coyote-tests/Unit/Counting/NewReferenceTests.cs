namespace Percpu.Unit.Counting;

public sealed class NewReferenceTests
{
    [Fact]
    public void I1_a_new_reference_is_live_in_percpu_mode_and_holds_one_count()
    {
        int released = 0;
        using var reference = new PercpuRef(_ => released++);

        Assert.True(reference.IsPercpu);
        Assert.False(reference.IsDying);
        Assert.False(reference.IsZero);
        Assert.False(reference.Released.IsCompleted);
        reference.Kill();
        Assert.Equal(1, released);
    }

    [Fact]
    public void I2_InitAtomic_starts_atomic_and_stays_so_over_kill_and_reinit()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.InitAtomic);

        Assert.False(reference.IsPercpu);
        Assert.True(reference.TryGetLive());
        reference.Kill();
        Assert.False(reference.IsZero);
        reference.Put();
        Assert.True(reference.IsZero);
        reference.Reinit();
        Assert.False(reference.IsPercpu);
        Assert.True(reference.TryGetLive());
        reference.Put();
    }

    [Fact]
    public void I3_InitDead_starts_released_and_Reinit_makes_it_live_and_percpu()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.InitDead);

        Assert.True(reference.IsDying);
        Assert.True(reference.IsZero);
        Assert.True(reference.Released.IsCompletedSuccessfully);
        Assert.False(reference.TryGet());
        Assert.False(reference.TryGetLive());
        reference.Reinit();
        Assert.False(reference.IsDying);
        Assert.True(reference.IsPercpu);
        Assert.False(reference.Released.IsCompleted);
        Assert.True(reference.TryGetLive());
        reference.Put();
    }
}
