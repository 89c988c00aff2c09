using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>What touches the lists that all threads of a pool share waits for the pool's lock.</summary>
public sealed unsafe class SlabPoolLockTests
{
    private static readonly Dictionary<string, Action<SlabPool>> Operations = new()
    {
        ["a thread's first rent"] = pool => pool.RentBlock(),
        ["a retirement"] = pool => pool.RetireSlabs(),
        ["mapped bytes"] = pool => _ = pool.MappedBytes,
        ["idle bytes"] = pool => _ = pool.IdleBytes,
        ["retired bytes"] = pool => _ = pool.RetiredBytes,
        ["a disposal"] = pool => pool.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(30)),
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_all_threads_share_is_touched_under_the_lock(string name)
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });
        pool.RentBlock().Dispose();
        MustWait(pool, () => { }, () => Operations[name](pool));
    }

    [Fact]
    public void A_rent_that_finds_its_threads_blocks_used_up_takes_others_under_the_lock()
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });
        MustWait(pool, () => pool.RentBlock(), () =>
        {
            for (int i = 0; i < 1_000; i++)
                pool.RentBlock();
        });
    }

    [Fact]
    public void Returns_that_a_thread_has_no_room_for_go_to_all_under_the_lock()
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 8 });
        var rentals = new List<SlabRental>();
        MustWait(
            pool,
            () =>
            {
                for (int i = 0; i < 1_000; i++)
                    rentals.Add(pool.RentBlock());
            },
            () => rentals.ForEach(rental => rental.Dispose()));
    }

    // Of one thread: what comes before is done while the lock is free.
    private static void MustWait(SlabPool pool, Action before, Action operation) => HeldLock.MustHoldUp(Lock(pool).Pointer, "the pool", operation, before);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref Pinned<long> Lock(SlabPool pool);
}
