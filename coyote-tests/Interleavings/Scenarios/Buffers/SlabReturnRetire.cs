using Percpu.Buffers;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A renter reads its block as late as the machine likes, and returns it at home while the slabs are retired.</summary>
internal sealed unsafe class SlabReturnRetire : Scenario
{
    private const long Mark = 7;

    public override string Name => "slab-return-retire";

    public override string Description => "A thread reads its block without waiting for the value, and returns it at home, while the slabs are retired.";

    public override string Covers => "I60 I61";

    public override void Arrange(Stage stage)
    {
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        SlabRental rental = default;
        long* word = null;
        ModelThread home = stage.Thread("home", () =>
        {
            stage.Use(word, value => value == Mark, "A block is gone before what its renter read.");
            rental.Dispose();
        });
        stage.Thread("owner", pool.RetireSlabs);
        Execution.RunAs(home, () =>
        {
            rental = pool.RentBlock();
            fixed (byte* bytes = rental.Span)
                word = (long*)bytes;
            Atomic.StoreRelease(word, Mark);
        });
        SlabReturns.Watch(stage, pool);
    }
}
