using Percpu;
using Percpu.Buffers;
using Percpu.Testing;

namespace CoyoteTests;

/// <summary>Right programs, which hold in every schedule that is tried, and wrong ones, whose faults are found and replayed.</summary>
public sealed class ProgramTests
{
    [Fact]
    public void The_assembly_over_Coyotes_seam_is_in_place_and_outside_a_test_everything_works()
    {
        Assert.False(PercpuTesting.IsControlled);
        using var reference = new PercpuRef();
        Assert.True(reference.TryGetLive());
        reference.Put();
        reference.Kill();
        Assert.True(reference.WaitForRelease(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_cache_is_read_while_it_is_replaced() => UnderCoyote.MustHold(() => UseCache(new Cache()));

    [Theory]
    [InlineData(CacheFault.ClosedAtKill, "Read after it was closed")]
    [InlineData(CacheFault.ForgottenPut, "Deadlock detected")]
    [InlineData(CacheFault.PutTwice, "")]
    [InlineData(CacheFault.ReadAfterPut, "Read after it was closed")]
    [InlineData(CacheFault.NoPin, "Read after it was closed")]
    public void A_fault_of_a_cache_is_found(CacheFault fault, string message) =>
        Assert.Contains(message, UnderCoyote.MustFail(() => UseCache(new Cache(fault))), StringComparison.Ordinal);

    [Fact]
    public void A_forgotten_put_is_a_deadlock_that_names_who_holds_what()
    {
        string report = UnderCoyote.MustFail(() => UseCache(new Cache(CacheFault.ForgottenPut)));
        Assert.Contains("waits for a release", report, StringComparison.Ordinal);
        Assert.Contains("holds what it took in CoyoteTests.Cache.Read", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_read_while_it_is_replaced() => UnderCoyote.MustHold(() => UseList(new EpochList()));

    [Fact]
    public void A_list_is_read_while_it_is_replaced_without_holding_a_thread() => UnderCoyote.MustHold(async () =>
    {
        var list = new EpochList();
        Task reader = Task.Run(() => list.Read());
        Task writer = Task.Run(() => list.ReplaceAsync("second"));
        await Task.WhenAll(new[] { reader, writer });
    });

    [Theory]
    [InlineData(EpochFault.NoGracePeriod)]
    [InlineData(EpochFault.NoSection)]
    [InlineData(EpochFault.ReadAfterSection)]
    [InlineData(EpochFault.RetiredBeforeUnlinked)]
    public void A_fault_of_a_list_is_found(EpochFault fault) =>
        Assert.Contains("Read after it was closed", UnderCoyote.MustFail(() => UseList(new EpochList(fault)), probabilistic: true), StringComparison.Ordinal);

    [Fact]
    public void A_slab_is_swapped_under_its_readers() => UnderCoyote.MustHold(async () =>
    {
        var cell = new MappedCell<NativeSlab>(NativeSlab.Allocate(64));
        Task reader = Task.Run(() =>
        {
            if (!cell.TryPin(out MappedPin pin))
                return;
            using (pin)
                Assert.NotEqual(PercpuTesting.Poison, pin.Span[0]);
        });
        Task writer = Task.Run(async () => await cell.DisposeAsync());
        await Task.WhenAll(new[] { reader, writer });
        PercpuTesting.CheckFreedMemory();
    });

    [Fact]
    public void A_pool_is_disposed_while_a_block_is_out() => UnderCoyote.MustHold(async () =>
    {
        var pool = new SlabPool();
        var rented = pool.Rent(64);
        Task user = Task.Run(rented.Dispose);
        Task owner = Task.Run(async () => await pool.DisposeAsync());
        await Task.WhenAll(new[] { user, owner });
    });

    private static async Task UseCache(Cache cache)
    {
        Task reader = Task.Run(() => cache.Read());
        Task writer = Task.Run(() => cache.Replace("second"));
        await Task.WhenAll(new[] { reader, writer });
    }

    private static async Task UseList(EpochList list)
    {
        Task reader = Task.Run(() => list.Read());
        Task writer = Task.Run(() => list.Replace("second"));
        await Task.WhenAll(new[] { reader, writer });
    }
}
