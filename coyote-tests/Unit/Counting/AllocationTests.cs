namespace Percpu.Unit.Counting;

public sealed class AllocationTests
{
    private const int Rounds = 1000;

    [Theory]
    [InlineData(PercpuRefOptions.None)]
    [InlineData(PercpuRefOptions.InitAtomic)]
    public void I24_get_and_put_allocate_nothing(PercpuRefOptions options)
    {
        using var reference = new PercpuRef(null, options);
        Assert.Equal(0, AllocatedBy(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                reference.Get();
                reference.GetMany(2);
                Assert.True(reference.TryGet() && reference.TryGetLive() && reference.TryGetMany(2) && reference.TryGetLiveMany(2));
                reference.PutMany(8);
                reference.Put();
            }
        }));
    }

    [Fact]
    public void I24_a_failing_get_allocates_nothing()
    {
        var reference = new PercpuRef();
        reference.Kill();
        Assert.Equal(0, AllocatedBy(() =>
        {
            for (int i = 0; i < Rounds; i++)
                Assert.False(reference.TryGet() || reference.TryGetLive());
        }));
    }

    [Fact]
    public void I24_a_threads_first_get_allocates_at_most_its_area()
    {
        using var reference = new PercpuRef();
        long bytes = 0;
        Threads.Start(() =>
        {
            bytes = GC.GetAllocatedBytesForCurrentThread();
            reference.Get();
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        }).Join();
        Assert.InRange(bytes, 0, 16 << 10); // The list of areas may grow; the area itself is no managed memory.
        reference.Put();
    }

    [Fact]
    public void I24_a_kill_allocates_nothing_and_a_revival_a_constant()
    {
        var reference = new PercpuRef(static _ => { }, PercpuRefOptions.AllowReinit);
        var references = new PercpuRef[Rounds];
        for (int i = 0; i < Rounds; i++)
            references[i] = new PercpuRef();
        Assert.Equal(0, AllocatedBy(() =>
        {
            foreach (PercpuRef killed in references)
            {
                if (!killed.IsDying)
                    killed.Kill();
            }
        }));
        long revivals = AllocatedBy(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                reference.Kill();
                reference.Reinit();
            }
        });
        Assert.InRange(revivals, 1, Rounds * 32);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void I24_a_batch_kill_allocates_nothing_beyond_its_pooled_arrays(int size)
    {
        PercpuRef[] warm = KillAllTests.Create(size, null), batch = KillAllTests.Create(size, null);
        PercpuRef.KillAll(warm); // Fills the pool.
        long before = GC.GetAllocatedBytesForCurrentThread();
        PercpuRef.KillAll(batch);
        // Another test beside may have borrowed the pooled arrays.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * (8 * 8192 + 64));
    }

    /// <summary>The least of three runs, the first of which also compiles.</summary>
    private static long AllocatedBy(Action body)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            body();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
