using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Leaving an inner read section does not leave the outer one.</summary>
internal sealed class EpochNested : Scenario
{
    public override string Name => "epoch-nested";

    public override string Description => "A reader nests two sections and uses the node after the inner one, while another thread unlinks, synchronizes and frees.";

    public override string Covers => "I30 I33";

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        stage.Thread("reader", () =>
        {
            using EpochReader outer = node.Domain.Enter();
            long found = node.Find();
            using (node.Domain.Enter())
                node.Follow();
            if (found != 0)
                node.Use(found);
        });
        stage.Thread("writer", () =>
        {
            node.Unlink();
            node.Domain.Synchronize();
            node.Free();
        });
    }
}
