using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>There is no memory for a reader's area: its section is counted in the domain's shared word.</summary>
internal sealed class EpochNoMemory : Scenario
{
    public override string Name => "epoch-no-memory";

    public override string Description => "A thread whose area cannot be allocated follows a link, while another unlinks, synchronizes and frees.";

    public override string Covers => "I24 I30 I31 I34 I76";

    /// <summary>The reservation fails, or the commitment.</summary>
    public override int Variants => 2;

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        stage.NewThread("poor reader", node.Read);
        stage.Thread("writer", () =>
        {
            node.Unlink();
            node.Domain.Synchronize();
            node.Free();
        });
        stage.Thread("bystander", static () => { }); // So that the first bank is full.
        stage.Execution.FailingAllocation = stage.Variant + 1;
    }
}
