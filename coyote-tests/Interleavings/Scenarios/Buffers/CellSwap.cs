using Percpu.Buffers;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Readers pin what stands in a cell while a writer swaps it: there is always a map to pin, and each is unmapped once.</summary>
[Sizes(1, 2)]
internal sealed unsafe class CellSwap(int readers) : Scenario
{
    public override string Name => $"cell-swap-{readers}";

    public override string Description => $"{readers} reader(s) pin and read what stands in a cell, while another thread swaps it for a new map.";

    public override string Covers => "I60 I61";

    public override void Arrange(Stage stage)
    {
        MappedFile before = Open("before", stage), after = Open("after", stage);
        var cell = new MappedCell<MappedFile>(before);
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                bool found = cell.TryPin(out MappedPin pin);
                stage.Check(found, "There was nothing to pin, although the cell was not disposed.");
                fixed (byte* first = pin.ReadOnlySpan)
                    Atomic.LoadAcquire((long*)first);
                pin.Dispose();
            });
        }
        stage.Thread("writer", () => cell.Swap(after));
        stage.Finally(() =>
        {
            stage.Check(before.Released.IsCompletedSuccessfully, "The map that was replaced is not unmapped at the end.");
            stage.Check(!after.Released.IsCompleted, "The map that stands in the cell is unmapped.");
            stage.Check(stage.Execution.Heap.Outstanding == 1, "A mapping leaked.");
        });
    }

    internal static MappedFile Open(string name, Stage stage)
    {
        MappedFile file = MappedFile.Open(name);
        GC.SuppressFinalize(file); // The finalizer's thread is not of the story.
        stage.Named(file.Reference, name);
        return file;
    }
}
