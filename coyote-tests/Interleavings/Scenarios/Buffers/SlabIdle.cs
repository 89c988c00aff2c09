using Percpu.Buffers;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread keeps more free blocks than a pool may have idle; another needs a slab: the idle ones are retired first, under the
/// hands of the thread that rents them again.</summary>
[Sizes(1, 2)]
internal sealed class SlabIdle(int returners) : Scenario
{
    private const int Block = 64, Blocks = 3;

    public override string Name => $"slab-idle-{returners}";

    public override string Description => "A thread whose blocks were returned " + (returners == 1 ? "by itself" : "by another one")
        + " rents twice, while another needs a slab and more is idle than may be.";

    public override string Covers => "I60 I79";

    public override void Arrange(Stage stage)
    {
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = Block, BlocksPerSlab = 1, MaxIdleBytes = Block });
        ModelThread home = stage.Thread("home", () =>
        {
            for (int i = 1; i <= 2; i++)
            {
                SlabRental own = pool.RentBlock();
                SlabReturns.Use(stage, own, i);
                own.Dispose();
            }
        });
        stage.Thread("other", () =>
        {
            SlabRental own = pool.RentBlock();
            // This one, and at most two of the home's: one that was rented when its slab was retired, and a new one.
            stage.Check(pool.MappedBytes <= 3 * Block, $"{pool.MappedBytes} bytes are mapped.");
            SlabReturns.Use(stage, own, 3);
            own.Dispose();
        });
        var rentals = new SlabRental[Blocks];
        Execution.RunAs(home, () =>
        {
            for (int i = 0; i < Blocks; i++)
                rentals[i] = pool.RentBlock();
        });
        Execution.RunAs(returners == 1 ? home : stage.Execution.Thread(1), () => Array.ForEach(rentals, rental => rental.Dispose()));
        SlabReturns.Watch(stage, pool);
    }
}
