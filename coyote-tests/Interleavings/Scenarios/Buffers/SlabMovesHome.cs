using Percpu.Buffers;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A block gets another home while a return elsewhere, of a rental that is over, is on its way to the list of the old one.</summary>
internal sealed class SlabMovesHome : Scenario
{
    public override string Name => "slab-moves-home";

    public override string Description =>
        "A thread returns a block and ends; one that returned a copy sleeps before one of its steps until another has rented the block, and returns that; a newcomer has the old home, and all rent.";

    public override string Covers => "I22 I62";

    /// <summary>The steps of the late return, the first of them the start.</summary>
    public override int Variants => 9;

    public override void Arrange(Stage stage)
    {
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        SlabRental first = default, own = default, next = default;
        Signal ended = stage.Signal("the first home has ended");
        Signal rented = stage.Signal("rented anew");
        Signal returned = stage.Signal("returned elsewhere");
        ModelThread giver = stage.Thread("giver", () => first.Dispose());
        ModelThread taker = stage.Thread("taker", () =>
        {
            ended.Wait();
            next = pool.RentBlock();
            SlabReturns.Use(stage, next, 1);
            Atomic.FullFence(); // As a hand-over has it.
            rented.Set();
            SlabRental third = pool.RentBlock();
            SlabReturns.Use(stage, third, 2);
            third.Dispose();
            own.Dispose();
        });
        ModelThread other = stage.Thread("other", () =>
        {
            first.Dispose();
            rented.Wait();
            next.Dispose();
            returned.Set();
        });
        stage.NewThread("newcomer", () =>
        {
            ended.Set();
            returned.Wait();
            SlabRental fresh = pool.RentBlock();
            SlabReturns.Use(stage, fresh, 3);
            fresh.Dispose();
        }, after: giver);
        Execution.RunAs(giver, () => first = pool.RentBlock());
        Execution.RunAs(taker, () => own = pool.RentBlock());
        Stage.Stop(other, stage.Variant + 1, rented);
        SlabReturns.Watch(stage, pool);
    }
}
