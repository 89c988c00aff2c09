using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Unlink, wait for the readers, free: no reader is left on the node.</summary>
[Sizes(1, 2)]
internal sealed class EpochSynchronize(int readers) : Scenario
{
    public override string Name => $"epoch-synchronize-{readers}";

    public override string Description => $"{readers} reader(s) follow a link, while another thread unlinks, synchronizes and frees.";

    public override string Covers => "I30 I31";

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        for (int i = 1; i <= readers; i++)
            stage.Thread($"reader {i}", node.Read);
        stage.Thread("writer", () =>
        {
            node.Unlink();
            node.Domain.Synchronize();
            node.Free();
        });
    }
}
