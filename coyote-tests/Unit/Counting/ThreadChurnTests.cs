using System.Collections.Concurrent;
using Percpu.Memory;
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
    public void I23_10_000_threads_leave_no_more_areas_than_lived_at_once() => Assert.Contains("held", Programs.Run("""
        using System.Diagnostics.Metrics;
        using Percpu;
        const int atOnce = 4;
        long areas = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, each) => { if (instrument.Name == "percpu.stripes") each.EnableMeasurementEvents(instrument); };
        listener.SetMeasurementEventCallback<long>((instrument, measured, tags, state) => areas = measured);
        listener.Start();
        using var reference = new PercpuRef();
        int lived = 0;
        long start = Environment.TickCount64; // A machine too busy for 10,000 threads in this time has to do with fewer.
        var churners = new Thread[atOnce];
        for (int i = 0; i < atOnce; i++)
        {
            churners[i] = new Thread(() =>
            {
                for (int j = 0; j < 10_000 / atOnce && Environment.TickCount64 - start < 10_000; j++)
                {
                    var thread = new Thread(reference.Get);
                    thread.Start();
                    thread.Join();
                    Interlocked.Increment(ref lived);
                }
            });
            churners[i].Start();
        }
        foreach (Thread churner in churners)
            churner.Join();
        listener.RecordObservableInstruments();
        reference.Kill();
        bool early = reference.IsZero;
        reference.PutMany(lived);
        Console.WriteLine($"{(areas is >= 1 and <= 2 * atOnce && !early && reference.IsZero && lived > 50 ? "held" : "violated")}: {areas} areas, {lived} threads");
        """, ("PERCPU_STRIPES", "thread")), StringComparison.Ordinal);
}
