using System.Collections.Concurrent;
using Percpu.Programs;
using Percpu.Unit.Support;

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

    /// <summary>In a process of its own: other tests start threads by the hundred.</summary>
    [Fact]
    public void I23_10_000_threads_leave_no_more_areas_than_lived_at_once() => Assert.Contains("held", OwnProcess.RunWith([("PERCPU_STRIPES", "thread")], nameof(ThreadsByThousands)), StringComparison.Ordinal);
}
