using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>How many free blocks a thread keeps to itself, and what becomes of those of a thread that has ended.</summary>
public sealed unsafe class SlabCacheTests
{
    private static SlabPool Small() => new(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });

    [Fact]
    public void A_thread_keeps_32_blocks_that_it_returns_and_gives_half_of_them_away_when_one_more_comes()
    {
        using SlabPool pool = Small();
        SlabRental[] rentals = [.. Enumerable.Range(0, 80).Select(_ => pool.RentBlock())];
        SlabCache cache = Assert.Single(Caches(pool));
        Assert.Equal((0, 0), (cache.Count, Depot(pool).Count));
        for (int i = 1; i < rentals.Length; i++)
        {
            rentals[i - 1].Dispose(); // The block that was rented last stays where it is.
            int away = i <= 32 ? 0 : (i - 17) / 16 * 16;
            Assert.Equal((i - away, away), (cache.Count, Depot(pool).Count));
        }
        rentals[^1].Dispose();
        Assert.Equal((10 * 512, 10 * 512), (pool.MappedBytes, pool.IdleBytes));
    }

    [Theory]
    [InlineData(0)] // Where the next round over the caches begins.
    [InlineData(1)]
    public void I22_what_others_returned_to_a_thread_that_has_ended_serves_whoever_runs_out_each_block_once(int first) =>
        Worker.RunWaiting("blocks that others returned", () =>
        {
            using SlabPool pool = Small();
            SlabRental[] own = [.. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())], rentals = [];
            Worker.Run(() =>
            {
                rentals = [.. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())];
                SlabRental twice = rentals[3];
                Worker.Run(twice.Dispose);
                twice.Dispose(); // At home too: it stands in both lists.
            });
            HashSet<nint> addresses = [.. rentals.Where(rental => rental.IsRented).Select(AddressOf)];
            Assert.Equal(7, addresses.Count);
            Array.ForEach(rentals, rental => rental.Dispose());
            NextLook(pool) = first;
            SlabRental[] again = [.. Enumerable.Range(0, 8).Select(_ => pool.RentBlock())];
            Assert.Equal(2 * 512, pool.MappedBytes);
            Assert.Equal(8, again.Select(AddressOf).Distinct().Count());
            Assert.Equal(7, again.Count(rental => addresses.Contains(AddressOf(rental))));
            Assert.DoesNotContain(own, rental => again.Select(AddressOf).Contains(AddressOf(rental)));
            Array.ForEach([.. own, .. again], rental => rental.Dispose());
            Assert.Equal(pool.MappedBytes, pool.IdleBytes);
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void I22_a_new_thread_takes_the_cache_of_one_that_has_ended_wherever_it_stands(int first)
    {
        using SlabPool pool = Small();
        pool.RentBlock().Dispose();
        Worker.Run(() => pool.RentBlock().Dispose());
        Assert.Equal(2, Caches(pool).Count);
        NextLook(pool) = first;
        Worker.Run(() => pool.RentBlock().Dispose());
        Assert.Equal(2, Caches(pool).Count);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_caches")]
    private static extern ref List<SlabCache> Caches(SlabPool pool);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_depot")]
    private static extern ref Stack<SlabBlock> Depot(SlabPool pool);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_nextLook")]
    private static extern ref int NextLook(SlabPool pool);

    private static nint AddressOf(SlabRental rental)
    {
        fixed (byte* bytes = rental.Span)
            return (nint)bytes;
    }
}
