using Percpu.Buffers;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A pool's slabs are retired while a block is rented, returned and rented anew: it is mapped as long as it is rented.</summary>
[Sizes(1, 2)]
internal sealed class SlabRetire(int renters) : Scenario
{
    public override string Name => $"slab-retire-{renters}";

    public override string Description => $"{renters} thread(s) use a rented block, return it on another thread's cache, and rent anew, while the slabs are retired.";

    public override string Covers => "I60 I61";

    public override void Arrange(Stage stage)
    {
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 2 });
        for (int i = 1; i <= renters; i++)
        {
            int number = i;
            SlabRental rental = default;
            stage.Thread($"renter {i}", () =>
            {
                SlabReturns.Use(stage, rental, number);
                rental.Dispose();
                SlabRental next = pool.RentBlock();
                SlabReturns.Use(stage, next, number + renters);
                next.Dispose();
            });
            Model.Execution.RunAs(stage.Execution.Thread(0), () => rental = pool.RentBlock());
        }
        stage.Thread("owner", pool.RetireSlabs);
        SlabReturns.Watch(stage, pool);
    }
}
