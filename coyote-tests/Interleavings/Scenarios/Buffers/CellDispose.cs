using Percpu.Buffers;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A cell is disposed while two threads swap it: whatever the order, nothing stays mapped and nothing is lost.</summary>
internal sealed class CellDispose : Scenario
{
    public override string Name => "cell-dispose";

    public override string Description => "Two threads swap a cell while another thread disposes it; a map that the cell refuses is disposed by its owner.";

    public override string Covers => "I61";

    public override void Arrange(Stage stage)
    {
        MappedFile[] files = [CellSwap.Open("first", stage), CellSwap.Open("second", stage), CellSwap.Open("third", stage)];
        var cell = new MappedCell<MappedFile>(files[0]);
        for (int i = 1; i < files.Length; i++)
        {
            MappedFile next = files[i];
            stage.Thread($"writer {i}", () =>
            {
                try
                {
                    cell.Swap(next);
                }
                catch (ObjectDisposedException)
                {
                    next.Dispose();
                }
            });
        }
        stage.Thread("owner", cell.Dispose);
        stage.Finally(() =>
        {
            stage.Check(cell.Current is null, "Something stands in a disposed cell.");
            stage.Check(stage.Execution.Heap.Outstanding == 0, "A mapping leaked.");
        });
    }
}
