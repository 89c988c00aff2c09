using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reader who leaves and comes back announces a newer epoch, or is waited for again.</summary>
internal sealed class EpochTwice : Scenario
{
    public override string Name => "epoch-twice";

    public override string Description => "A reader reads twice, while one thread synchronizes and frees, and another synchronizes beside it.";

    public override string Covers => "I30 I31 I34";

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        stage.Thread("reader", () =>
        {
            node.Read();
            node.Read();
        });
        stage.Thread("writer", () =>
        {
            node.Unlink();
            node.Domain.Synchronize();
            node.Free();
        });
        stage.Thread("other writer", node.Domain.Synchronize);
    }
}
