using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

public sealed class SlabPoolTests
{
    private static SlabPool Small() => new(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });

    [Fact]
    public void Blocks_are_distinct_writable_and_used_again()
    {
        using SlabPool pool = Small();
        var rentals = Enumerable.Range(0, 100).Select(_ => pool.RentBlock()).ToList();
        for (int i = 0; i < 100; i++)
            rentals[i].Span.Fill((byte)i);
        for (int i = 0; i < 100; i++)
            Assert.Equal(-1, rentals[i].Span.IndexOfAnyExcept((byte)i));
        long mapped = pool.MappedBytes;
        Assert.Equal(13 * 8 * 64, mapped);
        rentals.ForEach(rental => rental.Dispose());
        rentals = [.. Enumerable.Range(0, 100).Select(_ => pool.RentBlock())];
        Assert.Equal(mapped, pool.MappedBytes);
        rentals.ForEach(rental => rental.Dispose());
    }

    [Fact]
    public void I62_a_second_return_is_harmless_also_when_the_block_is_rented_again()
    {
        using SlabPool pool = Small();
        SlabRental first = pool.RentBlock();
        SlabRental copy = first;
        first.Dispose();
        SlabRental second = pool.RentBlock();
        copy.Dispose();
        first.Dispose();
        Assert.True(second.IsRented);
        Assert.False(first.IsRented);
        Assert.Throws<ObjectDisposedException>(() => first.Memory);
        SlabRental third = pool.RentBlock();
        Assert.NotEqual(second, third);
        second.Span.Fill(1);
        third.Span.Fill(2);
        Assert.Equal(1, second.Span[0]);
        second.Dispose();
        third.Dispose();
    }

    [Fact]
    public void I62_a_stale_owner_object_returns_nothing()
    {
        using SlabPool pool = Small();
        IMemoryOwner<byte> first = pool.Rent(10);
        first.Dispose();
        using IMemoryOwner<byte> second = pool.Rent();
        first.Dispose();
        using IMemoryOwner<byte> third = pool.Rent(64);
        Assert.False(second.Memory.Span.Overlaps(third.Memory.Span));
        Assert.Throws<ObjectDisposedException>(() => first.Memory);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(65));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(-2));
        Assert.Equal(64, pool.MaxBufferSize);
    }

    [Fact]
    public void Slabs_are_retired_while_blocks_of_them_are_rented()
    {
        using SlabPool pool = Small();
        SlabRental old = pool.RentBlock();
        pool.RetireSlabs();
        Assert.Equal((512, 512), (pool.RetiredBytes, pool.MappedBytes));
        SlabRental fresh = pool.RentBlock();
        Assert.Equal((512, 1024), (pool.RetiredBytes, pool.MappedBytes));
        old.Span.Fill(1);
        fresh.Span.Fill(2);
        Assert.Equal(1, old.Span[63]);
        old.Dispose();
        Assert.Equal((0, 512), (pool.RetiredBytes, pool.MappedBytes));
        fresh.Dispose();
        pool.RetireSlabs();
        pool.RetireSlabs();
        Assert.Equal(0, pool.MappedBytes);
    }

    [Fact]
    public async Task A_disposed_pool_refuses_rents_and_unmaps_with_the_last_return()
    {
        SlabPool pool = Small();
        SlabRental rental = pool.RentBlock();
        ValueTask drained = pool.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => pool.RentBlock());
        Assert.False(drained.IsCompleted);
        rental.Span.Clear();
        await Task.Run(rental.Dispose, TestContext.Current.CancellationToken);
        await drained;
        Assert.Equal(0, pool.MappedBytes);
        pool.Dispose();
        using SlabPool next = Small(); // May get the same number.
        next.RentBlock().Dispose();
    }

    [Fact]
    public unsafe void I64_a_pinned_block_keeps_its_slab_mapped()
    {
        SlabPool pool = Small();
        SlabRental rental = pool.RentBlock();
        Memory<byte> memory = rental.Memory;
        MemoryHandle handle = memory.Pin();
        rental.Dispose();
        pool.Dispose();
        Assert.Equal(512, pool.MappedBytes);
        *(byte*)handle.Pointer = 1;
        handle.Dispose();
        Assert.Equal(0, pool.MappedBytes);
        Assert.Throws<ObjectDisposedException>(() => { memory.Pin(); });
    }

    [Fact]
    public void I24_renting_and_returning_allocates_nothing()
    {
        using SlabPool pool = Small();
        pool.RentBlock().Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            using SlabRental rental = pool.RentBlock();
            rental.Span[0] = 1;
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Blocks_of_ended_threads_are_found_again()
    {
        using SlabPool pool = Small();
        for (int i = 0; i < 50; i++)
        {
            var thread = new Thread(() => pool.RentBlock().Dispose());
            thread.Start();
            thread.Join();
        }
        Assert.True(pool.MappedBytes <= 16 * 512, $"{pool.MappedBytes} bytes");
    }

    [Fact]
    public async Task Blocks_returned_on_other_threads_are_never_rented_twice_at_once()
    {
        SlabPool pool = Small();
        using var queue = new BlockingCollection<(SlabRental Rental, long Mark)>(64);
        var consumers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
        {
            foreach ((SlabRental rental, long mark) in queue.GetConsumingEnumerable())
            {
                Assert.Equal(mark, MemoryMarshal.Read<long>(rental.Span));
                Assert.Equal(mark, MemoryMarshal.Read<long>(rental.Span[56..]));
                rental.Dispose();
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        var producers = Enumerable.Range(0, 2).Select(producer => Task.Factory.StartNew(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                SlabRental rental = pool.RentBlock();
                long mark = producer * 1_000_000L + i;
                MemoryMarshal.Write(rental.Span, mark);
                MemoryMarshal.Write(rental.Span[56..], mark);
                queue.Add((rental, mark));
                if (i % 5000 == 0)
                    pool.RetireSlabs();
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(producers);
        queue.CompleteAdding();
        await Task.WhenAll(consumers);
        await pool.DisposeAsync();
        Assert.Equal(0, pool.MappedBytes);
    }

    [Fact]
    public async Task I62_of_many_returns_at_once_at_home_and_elsewhere_one_counts()
    {
        using SlabPool pool = Small();
        using var start = new Barrier(3);
        SlabRental rental = default;
        var others = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                start.SignalAndWait();
                SlabRental copy = rental;
                copy.Dispose();
                Assert.False(copy.IsRented);
                start.SignalAndWait();
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        Task home = Task.Factory.StartNew(() =>
        {
            var rented = new HashSet<SlabRental>();
            for (int i = 0; i < 5_000; i++)
            {
                SlabRental copy = rental = pool.RentBlock();
                start.SignalAndWait();
                if (i % 2 == 0)
                    copy.Dispose();
                SlabRental next = pool.RentBlock(), after = pool.RentBlock();
                MemoryMarshal.Write(next.Span, 1L);
                MemoryMarshal.Write(after.Span, 2L);
                Assert.Equal(1L, MemoryMarshal.Read<long>(next.Span));
                next.Dispose();
                after.Dispose();
                start.SignalAndWait();
                Assert.False(copy.IsRented);
                Assert.True(rented.Add(copy));
            }
        }, TaskCreationOptions.LongRunning);
        await Task.WhenAll([home, .. others]);
        Assert.InRange(pool.MappedBytes, 512, 1024);
    }

    [Fact]
    public void I62_a_rental_returned_elsewhere_is_returned_for_all_and_stale_when_its_block_is_rented_again()
    {
        using SlabPool pool = new(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        SlabRental first = pool.RentBlock();
        nint address = AddressOf(first);
        OnThread(() =>
        {
            first.Dispose();
            Assert.False(first.IsRented);
            Assert.Throws<ObjectDisposedException>(() => first.Memory);
        });
        Assert.False(first.IsRented);
        SlabRental second = pool.RentBlock();
        Assert.Equal(address, AddressOf(second));
        first.Dispose();
        OnThread(first.Dispose);
        Assert.True(second.IsRented);
        SlabRental third = pool.RentBlock();
        Assert.NotEqual(address, AddressOf(third));
        OnThread(second.Dispose);
        second.Dispose(); // At home, the claim of the other thread still waits: it must not count again.
        SlabRental fourth = pool.RentBlock(), fifth = pool.RentBlock();
        Assert.Equal(3, new[] { AddressOf(third), AddressOf(fourth), AddressOf(fifth) }.Distinct().Count());
        third.Dispose();
        OnThread(fourth.Dispose);
        fifth.Dispose();
        pool.RetireSlabs();
        Assert.Equal(0, pool.MappedBytes);
    }

    [Fact]
    public void One_thread_that_rents_and_another_that_returns_need_no_more_memory_than_is_rented()
    {
        using SlabPool pool = Small();
        for (int round = 0; round < 200; round++)
        {
            var rentals = Enumerable.Range(0, 40).Select(_ => pool.RentBlock()).ToArray();
            OnThread(() => Array.ForEach(rentals, rental => rental.Dispose()));
        }
        Assert.Equal(5 * 512, pool.MappedBytes);
    }

    [Fact]
    public void I22_blocks_that_an_ended_thread_rented_come_back_whoever_returns_them()
    {
        using SlabPool pool = Small();
        SlabRental[] rentals = [];
        for (int round = 0; round < 50; round++)
        {
            OnThread(() => rentals = [.. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())]);
            Assert.All(rentals, rental => Assert.True(rental.IsRented));
            Array.ForEach(rentals, rental => rental.Dispose());
            Array.ForEach(rentals, rental => rental.Dispose());
            if (round % 2 == 0)
                rentals = [.. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())]; // This thread needs them itself.
            Array.ForEach(rentals, rental => rental.Dispose());
        }
        Assert.InRange(pool.MappedBytes, 512, 3 * 512);
    }

    [Fact]
    public void I22_a_block_that_an_ended_thread_rented_and_another_still_holds_is_rented_to_nobody_else()
    {
        using SlabPool pool = Small();
        for (int round = 0; round < 4; round++)
        {
            SlabRental held = default;
            OnThread(() =>
            {
                pool.RentBlock().Dispose();
                held = pool.RentBlock(); // The last that its cache gave.
            });
            SlabRental[] others = [.. Enumerable.Range(0, 40).Select(_ => pool.RentBlock())];
            Assert.DoesNotContain(AddressOf(held), others.Select(AddressOf));
            Assert.True(held.IsRented);
            Array.ForEach(others, rental => rental.Dispose());
            held.Dispose();
        }
    }

    [Fact]
    public void I61_a_retired_slab_is_unmapped_by_the_last_return_though_the_thread_that_rented_sleeps()
    {
        using SlabPool pool = Small();
        SlabRental[] rentals = [pool.RentBlock(), pool.RentBlock(), pool.RentBlock()];
        OnThread(rentals[0].Dispose); // Waits for this thread.
        pool.RetireSlabs();
        OnThread(rentals[1].Dispose);
        OnThread(rentals[1].Dispose);
        OnThread(rentals[0].Dispose);
        rentals[1].Dispose();
        Assert.Equal(512, pool.MappedBytes);
        rentals[2].Span.Fill(1);
        OnThread(rentals[2].Dispose);
        Assert.Equal(0, pool.MappedBytes);
        Assert.All(rentals, rental => Assert.False(rental.IsRented));
        rentals[2].Dispose();
        pool.RentBlock().Dispose();
    }

    [Fact]
    public void I65_a_dropped_pool_is_unmapped_unless_a_block_was_never_returned()
    {
        (WeakReference pool, PercpuRef returned) = Drop(andReturn: true);
        (_, PercpuRef lost) = Drop(andReturn: false);
        for (int i = 0; i < 20 && !(returned.IsZero && !pool.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(returned.IsZero);
        Assert.False(lost.IsZero); // A span of it may still be in use: a leak is better than a crash.
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static (WeakReference Pool, PercpuRef Slab) Drop(bool andReturn)
    {
        SlabPool pool = Small();
        SlabRental rental = pool.RentBlock();
        PercpuRef slab = SlabsOf(pool).Single().Memory.Reference;
        if (andReturn)
            rental.Dispose();
        return (new WeakReference(pool), slab);
    }

    [System.Runtime.CompilerServices.UnsafeAccessor(System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = "_slabs")]
    private static extern ref List<PoolSlab> SlabsOf(SlabPool pool);

    private static unsafe nint AddressOf(SlabRental rental)
    {
        fixed (byte* bytes = rental.Span)
            return (nint)bytes;
    }

    private static void OnThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    [Fact]
    public void Wrong_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { BlockSize = 100 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { BlockSize = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { BlocksPerSlab = 0 }));
    }
}
