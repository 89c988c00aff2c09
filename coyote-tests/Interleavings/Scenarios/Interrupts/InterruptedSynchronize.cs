using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A grace period that somebody asked for: interrupted, readers may be inside, and the node is not freed.</summary>
internal sealed class InterruptedSynchronize() : InterruptedWait("synchronize", "waits for the readers of an epoch domain", mayEnd: true)
{
    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain();
        var node = new LinkedNode(stage, domain);
        stage.Thread("reader", node.Read);
        AddWaiter(stage, () =>
        {
            node.Unlink();
            domain.Synchronize();
            node.Free();
        });
    }
}
