using Percpu.Buffers;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread ends with a rented block; others return it and rent; the ended thread's blocks serve again, one renter each.</summary>
internal sealed class SlabThreadEnds : Scenario
{
    public override string Name => "slab-thread-ends";

    public override string Description => "A thread returns a block, rents another and ends; a newcomer rents, while a third thread returns what the first has rented, and rents.";

    public override string Covers => "I22 I62";

    public override void Arrange(Stage stage)
    {
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 2 });
        SlabRental left = default;
        ModelThread giver = stage.Thread("giver", () =>
        {
            SlabRental own = pool.RentBlock();
            SlabReturns.Use(stage, own, 1);
            own.Dispose();
        });
        Execution.RunAs(giver, () => left = pool.RentBlock());
        stage.Thread("other", () =>
        {
            left.Dispose();
            stage.Check(!left.IsRented, "A returned rental looks rented.");
            SlabRental own = pool.RentBlock();
            SlabReturns.Use(stage, own, 5);
            own.Dispose();
        });
        stage.NewThread("newcomer", () =>
        {
            SlabRental first = pool.RentBlock();
            left.Dispose();
            SlabRental second = pool.RentBlock();
            SlabReturns.Use(stage, first, 2);
            SlabReturns.Use(stage, second, 3);
            SlabReturns.Use(stage, first, 4);
            stage.Check(first.IsRented && second.IsRented, "A rental that nobody has returned looks returned.");
            first.Dispose();
            second.Dispose();
        }, after: giver);
        SlabReturns.Watch(stage, pool);
    }
}
