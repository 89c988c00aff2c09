using Percpu.Buffers;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads return copies of one rental and rent anew: of the two returns one counts, so nobody shares a block.</summary>
internal sealed unsafe class SlabReturns : Scenario
{
    public override string Name => "slab-returns";

    public override string Description => "Two threads return copies of one rental, then each rents a block and writes to it.";

    public override string Covers => "I60 I62";

    public override void Arrange(Stage stage)
    {
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        SlabRental rental = default;
        for (int i = 1; i <= 2; i++)
        {
            int number = i;
            ModelThread thread = stage.Thread($"renter {i}", () =>
            {
                rental.Dispose();
                SlabRental next = pool.RentBlock();
                Use(stage, next, number);
                next.Dispose();
            });
            if (i == 1)
                Execution.RunAs(thread, () => rental = pool.RentBlock());
        }
        Watch(stage, pool);
    }

    /// <summary>Writes as a user does, who has the block alone.</summary>
    internal static void Use(Stage stage, SlabRental rental, long mark)
    {
        fixed (byte* bytes = rental.Span)
        {
            Atomic.StoreRelease((long*)bytes, mark);
            stage.Check(Atomic.LoadAcquire((long*)bytes) == mark, "Two threads have rented one block.");
        }
    }

    /// <summary>What must hold of a pool at the end.</summary>
    internal static void Watch(Stage stage, SlabPool pool)
    {
        stage.CleanUp(() => PoolFields.SuppressFinalizers(pool));
        stage.Finally(() =>
        {
            pool.Dispose();
            stage.Check(pool.MappedBytes == 0, $"{pool.MappedBytes} bytes are mapped although everything was returned.");
        });
    }
}
