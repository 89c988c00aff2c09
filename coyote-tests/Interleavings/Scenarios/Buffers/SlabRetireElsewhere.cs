using Percpu.Buffers;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Slabs are retired while a rental is returned at home and elsewhere: unmapped at the return, once, whoever sleeps.</summary>
[Sizes(1, 2)]
internal sealed class SlabRetireElsewhere(int returns) : Scenario
{
    public override string Name => $"slab-retire-elsewhere-{returns}";

    public override string Description => "A rental is used and returned on another thread" + (returns > 1 ? ", and at home by a copy," : "") + " while the slabs are retired.";

    public override string Covers => "I60 I61 I62";

    public override void Arrange(Stage stage)
    {
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        SlabRental rental = default;
        ModelThread home = stage.Thread("home", () =>
        {
            if (returns > 1)
                rental.Dispose();
        });
        stage.Thread("other", () =>
        {
            if (returns == 1)
                SlabReturns.Use(stage, rental, 1);
            rental.Dispose();
            stage.Check(!rental.IsRented, "A returned rental looks rented.");
        });
        stage.Thread("owner", pool.RetireSlabs);
        Execution.RunAs(home, () => rental = pool.RentBlock());
        stage.Finally(() => stage.Check(pool.MappedBytes == 0, "A retired slab without rented blocks is mapped."));
        SlabReturns.Watch(stage, pool);
    }
}
