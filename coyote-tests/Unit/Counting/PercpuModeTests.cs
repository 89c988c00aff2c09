using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

public sealed unsafe class PercpuModeTests
{
    [Fact]
    public void I4_in_percpu_mode_IsZero_is_false_and_a_put_never_releases()
    {
        int released = 0;
        using var reference = new PercpuRef(_ => released++, PercpuRefOptions.AllowReinit);
        reference.Put(); // The initial reference: the sum is 0 now.
        Assert.False(reference.IsZero);
        Assert.Equal(0, released);
        reference.Get();
        reference.Put();
        Assert.False(reference.IsZero);
        Assert.True(reference.TryGet());
        reference.SwitchToAtomic();
        Assert.Equal(0, released);
        reference.Put();
        Assert.Equal(1, released);
    }

    [Fact]
    public void I5_a_get_on_one_thread_and_a_put_on_another_balance()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        Threads.Start(() => reference.GetMany(1000)).Join();
        for (int i = 0; i < 999; i++)
            reference.Put();
        reference.Kill();
        Assert.Equal(0, released);
        Threads.Start(reference.Put).Join();
        Assert.Equal(1, released);
    }

    [Fact]
    public void I5_stripes_wrap_modulo_2_to_the_64()
    {
        ThreadStripes.Need();
        // As if the one thread had only got and the other only put for centuries.
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        using Stepper getter = new(), putter = new();
        getter.Do(() => Wind(long.MaxValue - 2));
        putter.Do(() => Wind(-(long.MaxValue - 2)));
        for (int i = 0; i < 10; i++)
        {
            getter.Do(reference.Get);
            if (i < 9)
                putter.Do(reference.Put);
        }
        reference.Kill();
        Assert.Equal(0, released);
        putter.Do(reference.Put);
        Assert.Equal(1, released);

        void Wind(long count)
        {
            reference.Get();
            reference.Put();
            Atomic.AddLocal(Inside.Stripe(reference), count);
        }
    }

    [Theory]
    [InlineData(PercpuRefOptions.None)]
    [InlineData(PercpuRefOptions.InitAtomic)]
    public void I6_counts_beyond_2_to_the_32_are_exact(PercpuRefOptions options)
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, options);
        reference.GetMany(1L << 33);
        Assert.True(reference.TryGetMany((1L << 35) + 1));
        Assert.True(reference.TryGetLiveMany(1L << 36));
        reference.Kill();
        Assert.True(reference.TryGetMany(3));
        Assert.False(reference.TryGetLiveMany(3));
        reference.PutMany(1L << 33);
        reference.PutMany(1L << 35);
        reference.PutMany(1L << 36);
        reference.PutMany(3);
        Assert.Equal(0, released);
        reference.Put();
        Assert.Equal(1, released);
    }

    [Theory]
    [InlineData(PercpuRefOptions.None, false)]
    [InlineData(PercpuRefOptions.None, true)]
    [InlineData(PercpuRefOptions.InitAtomic, false)]
    public void I6_the_largest_number_of_references_is_held_and_dropped_exactly(PercpuRefOptions options, bool late)
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, options);
        for (int i = 0; i < 31; i++)
            reference.GetMany(PercpuRef.MaxBatch);
        reference.GetMany(PercpuRef.MaxBatch - 2); // With the initial one 2^45 - 1.
        using var putter = new Stepper();
        StoppedOperation? put = late ? putter.Do(() => Inside.Begin(reference, -PercpuRef.MaxBatch)) : null;
        reference.Kill();
        if (late)
            putter.Do(put!.FinishPut);
        else
            reference.PutMany(PercpuRef.MaxBatch);
        for (int i = 1; i < 31; i++)
            reference.PutMany(PercpuRef.MaxBatch);
        reference.PutMany(PercpuRef.MaxBatch - 3);
        Assert.Equal(0, released);
        reference.Put();
        Assert.Equal(1, released);
    }
}
