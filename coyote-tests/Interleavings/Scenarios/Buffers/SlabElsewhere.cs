using Percpu.Buffers;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A rental is returned at home and elsewhere, by copies, while its home rents the block anew: one return counts each.</summary>
[Sizes(1, 2)]
internal sealed class SlabElsewhere(int others) : Scenario
{
    public override string Name => $"slab-elsewhere-{others}";

    public override string Description => others == 1
        ? "A thread returns a rental, rents, returns the first again and rents; another returns copies of the first rental and of the next."
        : $"A thread with a rental rents twice more; {others} others return copies of the first rental, and of the next.";

    public override string Covers => "I62";

    public override void Arrange(Stage stage)
    {
        // One block a slab: whoever gets a block that is rented gets the same memory.
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        SlabRental first = default, next = default;
        Signal rented = stage.Signal("rented anew");
        ModelThread home = stage.Thread("home", () =>
        {
            if (others == 1)
                first.Dispose();
            next = pool.RentBlock();
            SlabReturns.Use(stage, next, 1);
            if (others == 1)
                first.Dispose();
            stage.Check(next.IsRented, "A rental that nobody has returned looks returned.");
            Atomic.FullFence(); // As a hand-over has it.
            rented.Set();
            SlabRental third = pool.RentBlock();
            SlabReturns.Use(stage, third, 2);
            stage.Check(third.IsRented, "A rental that nobody has returned looks returned.");
            third.Dispose();
            stage.Check(!third.IsRented && (others > 1 || !first.IsRented), "A returned rental looks rented.");
        });
        for (int i = 1; i <= others; i++)
        {
            int number = i;
            stage.Thread($"other {i}", () =>
            {
                first.Dispose();
                stage.Check(!first.IsRented, "A returned rental looks rented.");
                if (number > 1)
                    return;
                rented.Wait();
                SlabReturns.Use(stage, next, 3);
                next.Dispose();
                stage.Check(!next.IsRented, "A returned rental looks rented.");
            });
        }
        Execution.RunAs(home, () => first = pool.RentBlock());
        SlabReturns.Watch(stage, pool);
    }
}
