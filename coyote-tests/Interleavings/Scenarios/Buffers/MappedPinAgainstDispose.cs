using Percpu.Buffers;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Readers pin a mapped file and read it while its owner disposes it: never unmapped memory, unmapped once.</summary>
[Sizes(1, 2)]
internal sealed unsafe class MappedPinAgainstDispose(int readers) : Scenario
{
    public override string Name => $"mapped-pin-dispose-{readers}";

    public override string Description => $"{readers} reader(s) pin a mapped file and read it, while another thread disposes it.";

    public override string Covers => "I60 I61 I62";

    public override void Arrange(Stage stage)
    {
        MappedFile file = MappedFile.Open("a file of the story");
        GC.SuppressFinalize(file); // The finalizer's thread is not of the story.
        stage.Named(file.Reference, "file");
        Model.Ghost disposed = stage.Ghost("dispose has returned");
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                if (!file.TryPin(out MappedPin pin))
                    return;
                stage.Check(disposed.Read() == 0, "A pin succeeded after Dispose had returned.");
                fixed (byte* first = pin.ReadOnlySpan)
                    Atomic.LoadAcquire((long*)first);
                pin.Dispose();
                pin.Dispose();
            });
        }
        stage.Thread("owner", () =>
        {
            file.Dispose();
            disposed.Write(1);
        });
        stage.Finally(() =>
        {
            stage.Check(file.Released.IsCompletedSuccessfully, "Not unmapped at the end.");
            stage.Check(stage.Execution.Heap.Outstanding == 0, "The mapping leaked.");
        });
    }
}
