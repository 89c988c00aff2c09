using System.Collections.Concurrent;
using Percpu.Memory;

namespace Percpu.Unit.Counting;

public sealed class ThreadChurnTests
{
    [Fact]
    public void I22_threads_start_and_end_during_kills_with_their_references_held_by_others()
    {
        for (int round = 0; round < 40; round++)
        {
            int released = 0, held = 0, early = 0;
            var reference = new PercpuRef(_ =>
            {
                early += Volatile.Read(ref held);
                Interlocked.Increment(ref released);
            });
            var handedOver = new BlockingCollection<PercpuRef>();
            Threads.Run(
                () =>
                {
                    for (int i = 0; i < 20; i++)
                    {
                        Threads.Start(() =>
                        {
                            if (!reference.TryGetLive())
                                return;
                            Interlocked.Increment(ref held);
                            handedOver.Add(reference);
                        }).Join();
                    }
                    handedOver.CompleteAdding();
                },
                () =>
                {
                    foreach (PercpuRef taken in handedOver.GetConsumingEnumerable())
                    {
                        Interlocked.Decrement(ref held);
                        taken.Put();
                    }
                },
                () =>
                {
                    Thread.SpinWait(round * 500);
                    reference.Kill();
                });
            Assert.True(reference.WaitForRelease(Threads.Bound));
            Assert.Equal(1, released);
            Assert.Equal(0, early);
        }
    }

    [Fact]
    public void I23_10_000_threads_leave_no_more_areas_than_lived_at_once()
    {
        const int atOnce = 4;
        using var reference = new PercpuRef();
        int before = PerProcess.Stripes.AreaCount;
        int lived = 0;
        long start = Environment.TickCount64; // A machine too busy for 10,000 threads in this time has to do with fewer.
        Action churn = () =>
        {
            for (int i = 0; i < 10_000 / atOnce && Environment.TickCount64 - start < 10_000; i++)
            {
                Threads.Start(reference.Get).Join();
                Interlocked.Increment(ref lived);
            }
        };
        Threads.Run(churn, churn, churn, churn);
        // The margin is for the threads of tests that run beside this one.
        Assert.InRange(PerProcess.Stripes.AreaCount, 1, before + atOnce + 100);
        Assert.Equal(1 + lived, Inside.Count(reference));
        Assert.True(lived > 300, $"Only {lived} threads lived.");
        reference.PutMany(lived);
    }
}
