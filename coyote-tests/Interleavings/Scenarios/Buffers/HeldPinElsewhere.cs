using Percpu.Buffers;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>
/// One thread takes a pin, which two others release; its ticket comes home and serves again: no two pins have one ticket at a time,
/// and each unpins once.
/// </summary>
internal sealed unsafe class HeldPinElsewhere : Scenario
{
    public override string Name => "held-pin-elsewhere";

    public override string Description => "Two threads release a pin that a third has taken, while that one takes and releases the next ones, and disposes the file.";

    public override string Covers => "I60 I62 I79";

    public override void Arrange(Stage stage)
    {
        MappedFile file = MappedFile.Open("a file of the story");
        GC.SuppressFinalize(file); // The finalizer's thread is not of the story.
        stage.Named(file.Reference, "file");
        HeldPin first = default;
        ModelThread home = stage.Thread("home", () =>
        {
            HeldPin next = file.Hold(), last = file.Hold();
            stage.Check(next.IsHeld && last.IsHeld, "A held pin says that it was released.");
            next.Dispose();
            stage.Check(last.IsHeld, "The release of one pin released another.");
            file.Dispose();
            Atomic.LoadAcquire((long*)file.Address);
            last.Dispose();
        });
        stage.Thread("other 1", () => first.Dispose());
        stage.Thread("other 2", () => first.Dispose());
        Model.Execution.RunAs(home, () => first = file.Hold());
        stage.Finally(() =>
        {
            stage.Check(!first.IsHeld, "A released pin says that it is held.");
            stage.Check(file.Released.IsCompletedSuccessfully, "Not unmapped at the end.");
            stage.Check(stage.Execution.Heap.Outstanding == 0, "The mapping leaked.");
        });
    }
}
