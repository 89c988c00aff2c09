using Percpu.Buffers;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>
/// Two threads release copies of one held pin while its ticket goes on to serve other pins, and the file is disposed: of
/// the releases of a pin one counts, and none lets go what another pin holds.
/// </summary>
internal sealed unsafe class HeldPinReleases : Scenario
{
    public override string Name => "held-pin-releases";

    public override string Description => "Two threads release copies of one held pin, then hold and read the file anew, while another thread disposes it.";

    public override string Covers => "I60 I62";

    public override void Arrange(Stage stage)
    {
        MappedFile file = MappedFile.Open("a file of the story");
        GC.SuppressFinalize(file); // The finalizer's thread is not of the story.
        stage.Named(file.Reference, "file");
        HeldPin pin = default;
        // Ticket and count are those of the first holder, who in one order of events gets the ticket back.
        ModelThread first = stage.Thread("holder 1", () => ReleaseAndHold(stage, file, pin));
        stage.Thread("holder 2", () => pin.Dispose());
        stage.Thread("owner", file.Dispose);
        Model.Execution.RunAs(first, () => pin = file.Hold());
        stage.Finally(() =>
        {
            stage.Check(!pin.IsHeld, "A released pin says that it is held.");
            stage.Check(file.Released.IsCompletedSuccessfully, "Not unmapped at the end.");
            stage.Check(stage.Execution.Heap.Outstanding == 0, "The mapping leaked.");
        });
    }

    private static void ReleaseAndHold(Stage stage, MappedFile file, HeldPin pin)
    {
        pin.Dispose();
        if (!file.TryHold(out HeldPin next))
            return;
        Atomic.LoadAcquire((long*)file.Address);
        stage.Check(next.IsHeld, "A held pin says that it was released.");
        next.Dispose();
    }
}
