using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread's first read section, in an area that appears during the grace period.</summary>
internal sealed class EpochNewcomer : Scenario
{
    public override string Name => "epoch-newcomer";

    public override string Description => "A thread without a stripe area follows a link, while another unlinks, synchronizes and frees.";

    public override string Covers => "I30 I31 I34";

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        stage.NewThread("newcomer", node.Read);
        stage.NewThread("writer", () =>
        {
            node.Unlink();
            node.Domain.Synchronize();
            node.Free();
        });
    }
}
