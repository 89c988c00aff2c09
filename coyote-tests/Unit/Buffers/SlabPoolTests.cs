using System.Buffers;
using Percpu.Buffers;
using Percpu.Unit.Support;

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

    /// <summary>Ways to rent, and to return, the block that was rented last.</summary>
    public static TheoryData<int> Ways => [0, 1, 2];

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_block_of_a_retired_slab_is_rented_to_nobody_though_it_was_the_last_that_the_thread_returned(int way)
    {
        using SlabPool pool = Small();
        for (int i = 0; i < 3; i++)
        {
            SlabRental last = Rent(pool, way), beside = Rent(pool, way);
            Assert.Equal(512, pool.MappedBytes);
            Return(last, way);
            last = Rent(pool, way); // Now at once, by the fast way.
            Return(last, way);
            pool.RetireSlabs();
            Assert.Equal((512, 512), (pool.RetiredBytes, pool.MappedBytes)); // The one that is rented holds it.
            SlabRental fresh = Rent(pool, way);
            Assert.Equal((512, 1024), (pool.RetiredBytes, pool.MappedBytes));
            Assert.True(fresh.IsRented);
            Return(beside, way);
            Return(beside, way);
            Assert.Equal((0, 512), (pool.RetiredBytes, pool.MappedBytes));
            Return(fresh, way);
            Assert.Equal((false, false, false), (last.IsRented, beside.IsRented, fresh.IsRented));
            pool.RetireSlabs();
            Assert.Equal(0, pool.MappedBytes);
        }
    }

    private static SlabRental Rent(SlabPool pool, int way) => way switch
    {
        0 => pool.RentBlock(),
        1 => pool.RentBlock(PercpuThread.Current),
        _ => pool.RentBlock(default),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_rental_of_nothing_is_returned_without_harm(int way)
    {
        Assert.NotEqual(0, PercpuThread.Current.Hazards); // Its line, where the mark of pools stands.
        Return(default, way);
        Assert.False(default(SlabRental).IsRented);
    }

    private static void Return(SlabRental rental, int way)
    {
        if (way == 0)
            rental.Dispose();
        else
            rental.Dispose(way == 1 ? PercpuThread.Current : default);
    }

    [Fact]
    public void I78_the_thread_that_is_given_finds_its_blocks_without_a_look_at_thread_static_fields() => Worker.Run(() =>
    {
        using SlabPool pool = Small();
        pool.RentBlock().Dispose();
        long mark = ThreadMark.Current;
        ThreadMark.Current = 0; // Who looks for it there, gives the thread another one.
        for (int i = 0; i < 3; i++)
        {
            SlabRental rental = pool.RentBlock(PercpuThread.Current);
            Assert.True(rental.IsRented);
            rental.Dispose(PercpuThread.Current);
            Assert.False(rental.IsRented);
            Assert.Equal(0, ThreadMark.Current);
        }
        ThreadMark.Current = mark;
    });

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
    public void I65_a_dropped_pool_is_unmapped_unless_a_block_was_never_returned()
    {
        (WeakReference pool, PercpuRef returned) = Drop(andReturn: true);
        (_, PercpuRef lost) = Drop(andReturn: false);
        for (int i = 0; i < 20 && !(returned.IsZero && !pool.IsAlive); i++)
        {
            GC.Collect();
            Collector.AwaitFinalizers();
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

    [Fact]
    public void Wrong_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { BlockSize = 100 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { BlockSize = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabPool(new SlabPoolOptions { BlocksPerSlab = 0 }));
    }
}
