using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Percpu.Buffers;
using Percpu.Unit.Counting;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Blocks that one thread rents and another returns, and threads that end. No wait is without a bound: a return that
/// does not end is told.</summary>
public sealed class SlabPoolThreadsTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private long _done;

    private static SlabPool Small() => new(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });

    [Fact]
    public void Blocks_of_ended_threads_are_found_again()
    {
        using SlabPool pool = Small();
        for (int i = 0; i < 50; i++)
            Worker.Run(() => pool.RentBlock().Dispose());
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
                Interlocked.Increment(ref _done);
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
                Assert.True(queue.TryAdd((rental, mark), Bound), "Nobody has returned a block in a minute.");
                if (i % 5000 == 0)
                    pool.RetireSlabs();
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        await End("rents", producers);
        queue.CompleteAdding();
        await End("returns", consumers);
        await End("the last return of a retired slab", pool.DisposeAsync().AsTask());
        Assert.Equal(0, pool.MappedBytes);
    }

    [Fact]
    public void I22_the_mark_of_a_thread_is_unlike_that_of_any_thread_before_also_where_it_takes_a_number_over()
    {
        HashSet<long> marks = [];
        int taken = 0;
        for (int i = 0; i < 2_000; i++)
        {
            Worker.Run(() =>
            {
                ThreadMarks.Attach();
                long mark = ThreadMark.Current;
                taken += marks.Any(other => ThreadMarks.Slot(other) == ThreadMarks.Slot(mark)) ? 1 : 0;
                Assert.InRange(ThreadMarks.Slot(mark), 1, 1 << 20);
                Assert.True(marks.Add(mark));
            });
        }
        Assert.True(taken > 0, "No number was taken over.");
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
                Meet(start);
                SlabRental copy = rental;
                copy.Dispose();
                Assert.False(copy.IsRented);
                Meet(start);
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        Task home = Task.Factory.StartNew(() =>
        {
            var rented = new HashSet<SlabRental>();
            for (int i = 0; i < 5_000; i++)
            {
                SlabRental copy = rental = pool.RentBlock();
                Interlocked.Increment(ref _done);
                Meet(start);
                if (i % 2 == 0)
                    copy.Dispose();
                SlabRental next = pool.RentBlock(), after = pool.RentBlock();
                MemoryMarshal.Write(next.Span, 1L);
                MemoryMarshal.Write(after.Span, 2L);
                Assert.Equal(1L, MemoryMarshal.Read<long>(next.Span));
                next.Dispose();
                after.Dispose();
                Meet(start);
                Assert.False(copy.IsRented);
                Assert.True(rented.Add(copy));
            }
        }, TaskCreationOptions.LongRunning);
        await End("rents and returns", [home, .. others]);
        Assert.InRange(pool.MappedBytes, 512, 1024);
    }

    [Fact]
    public void I62_a_rental_returned_elsewhere_is_returned_for_all_and_stale_when_its_block_is_rented_again()
    {
        using SlabPool pool = new(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        SlabRental first = pool.RentBlock();
        nint address = AddressOf(first);
        Worker.Run(() =>
        {
            first.Dispose();
            Assert.False(first.IsRented);
            Assert.Throws<ObjectDisposedException>(() => first.Memory);
        });
        Assert.False(first.IsRented);
        SlabRental second = pool.RentBlock();
        Assert.Equal(address, AddressOf(second));
        first.Dispose();
        Worker.Run(first.Dispose);
        Assert.True(second.IsRented);
        SlabRental third = pool.RentBlock();
        Assert.NotEqual(address, AddressOf(third));
        Worker.Run(second.Dispose);
        second.Dispose(); // At home, the claim of the other thread still waits: it must not count again.
        SlabRental fourth = pool.RentBlock(), fifth = pool.RentBlock();
        Assert.Equal(3, new[] { AddressOf(third), AddressOf(fourth), AddressOf(fifth) }.Distinct().Count());
        third.Dispose();
        Worker.Run(fourth.Dispose);
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
            Worker.Run(() => Array.ForEach(rentals, rental => rental.Dispose()));
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
            Worker.Run(() => rentals = [.. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())]);
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
            Worker.Run(() =>
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
        Worker.Run(rentals[0].Dispose); // Waits for this thread.
        pool.RetireSlabs();
        Worker.Run(rentals[1].Dispose);
        Worker.Run(rentals[1].Dispose);
        Worker.Run(rentals[0].Dispose);
        rentals[1].Dispose();
        Assert.Equal(512, pool.MappedBytes);
        rentals[2].Span.Fill(1);
        Worker.Run(rentals[2].Dispose);
        Assert.Equal(0, pool.MappedBytes);
        Assert.All(rentals, rental => Assert.False(rental.IsRented));
        rentals[2].Dispose();
        pool.RentBlock().Dispose();
    }

    [Fact]
    public void Of_two_threads_that_return_to_one_home_at_once_each_ends_and_no_block_is_lost()
    {
        const int each = 24, rounds = 3_000;
        using SlabPool pool = Small();
        using var meeting = new System.Threading.Barrier(3);
        SlabRental[] rentals = [];
        Worker[] others = [.. Enumerable.Range(0, 2).Select(part => new Worker(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                Meet(meeting);
                Array.ForEach(rentals[(part * each)..((part + 1) * each)], rental => rental.Dispose());
                Meet(meeting);
            }
        }))];
        for (int i = 0; i < rounds; i++)
        {
            rentals = [.. Enumerable.Range(0, 2 * each).Select(_ => pool.RentBlock())];
            Meet(meeting);
            Meet(meeting);
        }
        Array.ForEach(others, other => other.Join());
        Assert.Equal(2 * each * 64, pool.MappedBytes);
        Assert.Equal(pool.MappedBytes, pool.IdleBytes);
    }

    [Fact]
    public void What_a_living_thread_keeps_to_itself_is_not_taken_from_it_and_what_an_ended_one_kept_is()
    {
        using SlabPool pool = Small();
        using var keeper = new Stepper();
        HashSet<nint> kept = keeper.Do(() =>
        {
            SlabRental[] rentals = [.. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())];
            HashSet<nint> addresses = [.. rentals.Select(AddressOf)];
            Array.ForEach(rentals, rental => rental.Dispose());
            return addresses;
        });
        Assert.Equal(8, kept.Count);
        SlabRental[] others = [.. Enumerable.Range(0, 24).Select(_ => pool.RentBlock())];
        Assert.DoesNotContain(others, rental => kept.Contains(AddressOf(rental)));
        Assert.Equal(4 * 512, pool.MappedBytes);
        keeper.Dispose();
        others = [.. others, .. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())];
        Assert.Equal(4 * 512, pool.MappedBytes);
        Assert.Equal(8, others.Count(rental => kept.Contains(AddressOf(rental))));
        Array.ForEach(others, rental => rental.Dispose());
    }

    /// <summary>Waits for threads however slow they are, as long as they get on.</summary>
    private async Task End(string what, params Task[] tasks)
    {
        Task all = Task.WhenAll(tasks);
        for (long before = -1; !ReferenceEquals(all, await Task.WhenAny(all, Task.Delay(Bound, TestContext.Current.CancellationToken)));)
        {
            long done = Volatile.Read(ref _done);
            Assert.True(done > before, $"No end of {what}: none in a minute, behind {done}.");
            before = done;
        }
        await all;
    }

    private static void Meet(System.Threading.Barrier meeting) =>
        Assert.True(meeting.SignalAndWait(Bound), "The other threads have not come in a minute: one has failed, or does not come to the end of a rent or return.");

    private static unsafe nint AddressOf(SlabRental rental)
    {
        fixed (byte* bytes = rental.Span)
            return (nint)bytes;
    }
}
