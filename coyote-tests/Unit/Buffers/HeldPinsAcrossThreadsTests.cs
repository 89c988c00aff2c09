using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Pins that one thread takes and others release: in the long run nothing is allocated, on either side.</summary>
public sealed class HeldPinsAcrossThreadsTests
{
    private const int Ring = 64;

    [Fact]
    public void I79_taken_on_one_thread_and_released_on_another_allocates_nothing_in_the_long_run()
    {
        using var slab = NativeSlab.Allocate(16);
        (long taker, long releaser) = HandOver(slab, warmUp: 4 * Ring, pins: 50_000);
        Assert.Equal((0, 0), (taker, releaser));
    }

    [Fact]
    public void I79_nor_when_both_directions_go_on_at_once()
    {
        using var slab = NativeSlab.Allocate(16);
        (long Taker, long Releaser)[] allocated = new (long, long)[2];
        using (new Worker(() => allocated[0] = HandOver(slab, warmUp: 4 * Ring, pins: 50_000)))
            allocated[1] = HandOver(slab, warmUp: 4 * Ring, pins: 50_000);
        Assert.All(allocated, each => Assert.Equal((0, 0), each));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(3_000)]
    public void I79_however_many_are_held_at_once_and_in_whatever_order_they_are_released(int held)
    {
        using var slab = NativeSlab.Allocate(16);
        Worker.Run(() =>
        {
            var random = new Random(held);
            HeldPin[] pins = new HeldPin[held];
            long before = 0;
            for (int round = 0; round < 50; round++)
            {
                for (int i = 0; i < held; i++)
                    pins[i] = slab.Hold();
                random.Shuffle(pins);
                for (int i = 0; i < held; i++)
                    pins[i].Dispose();
                if (round == 10)
                    before = GC.GetAllocatedBytesForCurrentThread();
            }
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    [Fact]
    public void I79_pins_that_stay_held_do_not_make_the_others_take_new_tickets()
    {
        using var slab = NativeSlab.Allocate(16);
        Worker.Run(() =>
        {
            HeldPin[] held = new HeldPin[1000];
            for (int i = 0; i < held.Length; i++)
                held[i] = slab.Hold();
            TakeAndRelease(10_000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            TakeAndRelease(100_000);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            foreach (HeldPin pin in held)
                pin.Dispose();
        });

        void TakeAndRelease(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using HeldPin one = slab.Hold();
                using HeldPin other = slab.Hold();
            }
        }
    }

    [Fact]
    public void I79_what_an_ended_thread_has_taken_and_others_release_is_collected()
    {
        using var slab = NativeSlab.Allocate(16);
        WeakReference[] racks = [.. Enumerable.Range(0, 20).Select(_ => RackOfEndedThread(slab))];
        Collector.CollectUntil(() => racks.All(rack => !rack.IsAlive));
    }

    [Fact]
    public void I62_copies_released_everywhere_at_once_release_once_each()
    {
        var slab = NativeSlab.Allocate(16);
        HeldPin[] pins = new HeldPin[20_000];
        for (int i = 0; i < pins.Length; i++)
            pins[i] = slab.Hold();
        using HeldPin last = slab.Hold();
        using (var other = new Worker(ReleaseAll))
        using (var third = new Worker(ReleaseAll))
            ReleaseAll();
        Assert.DoesNotContain(pins, pin => pin.IsHeld);
        slab.Dispose();
        Assert.False(slab.Reference.IsZero);
        last.Dispose();
        Assert.True(slab.Reference.IsZero);

        void ReleaseAll()
        {
            foreach (HeldPin pin in pins)
                pin.Dispose();
        }
    }

    /// <summary>What a thread that only takes and one that only releases have allocated.</summary>
    private static (long Taker, long Releaser) HandOver(NativeSlab slab, int warmUp, int pins)
    {
        HeldPin[] ring = new HeldPin[Ring];
        long taken = 0, released = 0, taker = 0, releaser = 0;
        using (new Worker(() =>
        {
            long before = 0;
            for (long i = 0; i < warmUp + pins; i++)
            {
                if (i == warmUp)
                    before = GC.GetAllocatedBytesForCurrentThread();
                Await(ref taken, i + 1);
                ring[i % Ring].Dispose();
                Volatile.Write(ref released, i + 1);
            }
            releaser = GC.GetAllocatedBytesForCurrentThread() - before;
        }))
        {
            Worker.Run(() =>
            {
                long before = 0;
                for (long i = 0; i < warmUp + pins; i++)
                {
                    if (i == warmUp)
                        before = GC.GetAllocatedBytesForCurrentThread();
                    Await(ref released, i + 1 - Ring);
                    ring[i % Ring] = slab.Hold();
                    Volatile.Write(ref taken, i + 1);
                }
                taker = GC.GetAllocatedBytesForCurrentThread() - before;
            });
        }
        return (taker, releaser);
    }

    private static void Await(ref long count, long value)
    {
        var wait = new SpinWait();
        DateTime end = DateTime.UtcNow.AddMinutes(1);
        while (Volatile.Read(ref count) < value)
        {
            wait.SpinOnce();
            if (DateTime.UtcNow > end)
                throw new TimeoutException($"The other thread has not come to pin {value} in a minute.");
        }
    }

    private static WeakReference RackOfEndedThread(NativeSlab slab)
    {
        HeldPin pin = default;
        WeakReference? rack = null;
        Worker.Run(() =>
        {
            pin = slab.Hold();
            rack = new WeakReference(ThreadTickets.Rack);
        });
        pin.Dispose();
        return rack!;
    }
}
