using Percpu.Buffers;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A pin is read through while another thread releases it, and its ticket is taken anew for other memory: the stale one never
/// gives what belongs to the new one.</summary>
internal sealed class HeldPinStale : Scenario
{
    public override string Name => "held-pin-stale";

    public override string Description => "A thread reads through a held pin, another releases it, and its home takes the ticket for another file.";

    public override string Covers => "I60 I62";

    public override void Arrange(Stage stage)
    {
        MappedFile before = CellSwap.Open("before", stage), after = CellSwap.Open("after", stage);
        HeldPin stale = default, fresh = default;
        ModelThread home = stage.Thread("home", () => fresh = after.Hold());
        stage.Thread("reader", () =>
        {
            try
            {
                using MappedPin pin = stale.Pin();
                stage.Check(pin.Length == before.Length, "A stale pin gives other memory.");
            }
            catch (ObjectDisposedException)
            {
                // Released before.
            }
        });
        stage.Thread("releaser", () =>
        {
            stale.Dispose();
            before.Dispose();
        });
        Model.Execution.RunAs(home, () => stale = before.Hold());
        stage.Finally(() =>
        {
            stage.Check(!stale.IsHeld && fresh.IsHeld && fresh != stale, "The stale pin and the new one are taken for each other.");
            stale.Dispose();
            stage.Check(fresh.IsHeld, "A stale release released the new pin.");
            stage.Check(before.Released.IsCompletedSuccessfully, "Not unmapped at the end.");
            stage.Check(stage.Execution.Heap.Outstanding == 1, "A mapping leaked, or one went under its pin.");
            fresh.Dispose();
            after.Dispose();
        });
    }
}
