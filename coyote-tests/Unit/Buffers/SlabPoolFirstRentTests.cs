using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Where the first blocks of a pool come from. On threads that are given up after a minute: a rent looks for a block until it
/// has one.</summary>
public sealed class SlabPoolFirstRentTests
{
    private const long Slab = 8 * 64;

    [Fact]
    public void A_newpool_takes_a_slab_for_its_first_rent_and_another_when_all_blocks_are_rented() => Worker.RunWaiting("a block to rent", () =>
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });
        for (int i = 1; i <= 20; i++)
        {
            Assert.True(pool.RentBlock().IsRented);
            Assert.Equal((i + 7) / 8 * Slab, pool.MappedBytes);
            Assert.Equal(pool.MappedBytes - (i * 64), pool.IdleBytes);
        }
    });

    [Fact]
    public void After_a_retirement_the_next_rent_takes_a_slab() => Worker.RunWaiting("a block to rent", () =>
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });
        for (int i = 0; i < 3; i++)
        {
            pool.RentBlock().Dispose();
            Assert.Equal(Slab, pool.MappedBytes);
            pool.RetireSlabs();
            Assert.Equal(0, pool.MappedBytes);
        }
    });
}
