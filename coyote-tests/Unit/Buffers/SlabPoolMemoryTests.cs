using System.Buffers;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>Where a pool's memory comes from, how much of it is idle, and who notices a stale one.</summary>
public sealed class SlabPoolMemoryTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void Blocks_are_arrays_when_asked_and_lie_where_their_spans_do(bool arrays)
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 128, BlocksPerSlab = 4, PinnedArrays = arrays });
        SlabRental[] rentals = [.. Enumerable.Range(0, 9).Select(_ => pool.RentBlock())];
        foreach (SlabRental rental in rentals)
        {
            Memory<byte> memory = rental.Memory[3..];
            Assert.Equal(arrays, MemoryMarshal.TryGetArray<byte>(memory, out ArraySegment<byte> segment));
            rental.Span.Fill(7);
            if (arrays)
            {
                Assert.Equal(125, segment.Count);
                segment[5] = 9;
                Assert.Equal(9, rental.Span[8]);
            }
            using MemoryHandle handle = rental.Memory.Pin();
            Assert.Equal(0, (nint)handle.Pointer % 64);
        }
        pool.RetireSlabs();
        Assert.Equal(pool.MappedBytes, pool.RetiredBytes);
        Assert.All(rentals, rental => Assert.True(rental.Span[0] == 7));
        foreach (SlabRental rental in rentals)
            rental.Dispose();
        Assert.Equal(0, pool.MappedBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { BlockSize = 1 << 20, BlocksPerSlab = 2_048, PinnedArrays = true }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task I63_a_memory_that_was_kept_over_the_return_is_noticed(bool elsewhere)
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });
        SlabRental rental = pool.RentBlock();
        Memory<byte> kept = rental.Memory;
        kept.Span[0] = 1;
        if (elsewhere)
            await Task.Run(rental.Dispose, TestContext.Current.CancellationToken);
        else
            rental.Dispose();
        Assert.Throws<ObjectDisposedException>(() => kept.Span.Length);
    }

    [Fact]
    public void Idle_memory_is_told_metered_and_bounded_by_choice()
    {
        const int Block = 64, PerSlab = 64, Slab = Block * PerSlab;
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = Block, BlocksPerSlab = PerSlab, MaxIdleBytes = 4 * Slab });
        long largest = 0;
        // Bursts that move over threads which all stay: without a bound each keeps the blocks that came back from elsewhere.
        var stay = new ManualResetEventSlim();
        var threads = new List<Thread>();
        for (int i = 0; i < 12; i++)
        {
            var rentals = new List<SlabRental>();
            var rented = new ManualResetEventSlim();
            var thread = new Thread(() =>
            {
                for (int n = 0; n < 10 * PerSlab; n++)
                    rentals.Add(pool.RentBlock());
                rented.Set();
                stay.Wait(Bound, CancellationToken.None);
            });
            threads.Add(thread);
            thread.Start();
            Assert.True(rented.Wait(Bound, TestContext.Current.CancellationToken), "The burst was not rented.");
            largest = Math.Max(largest, pool.MappedBytes);
            foreach (SlabRental rental in rentals)
                rental.Dispose(); // On another thread than rented them.
        }
        Assert.True(pool.IdleBytes >= 10 * Slab);
        Assert.True(Metered("percpu.pool.idle") >= 10 * Slab);
        Assert.InRange(largest, 10 * Slab, (10 + 10 + 4) * Slab);
        stay.Set();
        threads.ForEach(thread => Assert.True(thread.Join(Bound), "A thread did not end."));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { MaxIdleBytes = 4_096 }));
    }

    private static long Metered(string name)
    {
        long value = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            // Not by the meter's name: the checker's build of the same source has one of that name in this process too.
            if (instrument.Name == name && ReferenceEquals(instrument.Meter, Percpu.Memory.PercpuMeter.Meter))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, measured, _, _) => value += measured);
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }
}
