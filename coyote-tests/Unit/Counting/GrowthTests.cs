namespace Percpu.Unit.Counting;

public sealed class GrowthTests
{
    [Fact]
    public void Thousands_of_live_references_count_exactly_while_threads_count_on_all_of_them()
    {
        // Far beyond the first committed block of offsets, so areas grow under threads that are using them.
        const int count = 30_000;
        var references = new PercpuRef[count];
        int created = 0, released = 0;
        Action user = () =>
        {
            for (int seen = 0; seen < count;)
            {
                int upTo = Volatile.Read(ref created);
                for (; seen < upTo; seen++)
                    Assert.True(references[seen].TryGetLiveMany(3));
                Thread.Yield();
            }
            foreach (PercpuRef reference in references)
                reference.PutMany(2);
        };
        Threads.Run(user, user, () =>
        {
            for (int i = 0; i < count; i++)
            {
                references[i] = new PercpuRef(_ => Interlocked.Increment(ref released));
                Volatile.Write(ref created, i + 1);
            }
        });
        Assert.Equal(count, references.Select(Inside.Number).Distinct().Count());
        PercpuRef.KillAll(references);
        Assert.Equal(0, released);
        foreach (PercpuRef reference in references)
            reference.Put();
        Assert.Equal(0, released);
        foreach (PercpuRef reference in references)
            reference.Put();
        Assert.Equal(count, released);
    }
}
