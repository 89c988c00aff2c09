using Percpu.Buffers;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads grow what stands in a cell, to different lengths: the longer map stays, whoever comes last.</summary>
internal sealed class CellGrow : Scenario
{
    public override string Name => "cell-grow";

    public override string Description => "Two threads grow the file in a cell to different lengths while a third pins it.";

    public override string Covers => "I60 I61";

    public override void Arrange(Stage stage)
    {
        MappedFile first = CellSwap.Open("first", stage);
        var cell = new MappedCell<MappedFile>(first);
        foreach (long length in (long[])[128, 256])
        {
            stage.Thread($"grower to {length}", () =>
            {
                MappedFile grown = cell.Grow(length);
                GC.SuppressFinalize(grown); // The finalizer's thread is not of the story.
                stage.Check(grown.Length >= length, "A grower got a shorter map than it asked for.");
                stage.Check(cell.Current!.Length >= length, "The cell went back to a shorter map.");
            });
        }
        stage.Thread("reader", () =>
        {
            bool found = cell.TryPin(out MappedPin pin);
            stage.Check(found, "There was nothing to pin, although the cell was not disposed.");
            pin.Dispose();
        });
        stage.Finally(() =>
        {
            stage.Check(cell.Current!.Length == 256, "The shorter map stands in the cell.");
            stage.Check(first.Released.IsCompletedSuccessfully, "The map that was replaced is not unmapped at the end.");
            stage.Check(stage.Execution.Heap.Outstanding == 1, "A mapping leaked.");
        });
    }
}
