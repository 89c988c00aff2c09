using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>What is retired is reclaimed once, by the barrier's return, and never under a reader.</summary>
[Sizes(1, 2)]
internal sealed class EpochRetire(int readers) : Scenario
{
    public override string Name => $"epoch-retire-{readers}";

    public override string Description => $"{readers} reader(s) follow a link, while another thread unlinks, retires, and waits at a barrier.";

    public override string Covers => "I30 I31 I32 I36";

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        int reclaimed = 0;
        for (int i = 1; i <= readers; i++)
            stage.Thread($"reader {i}", node.Read);
        stage.Thread("writer", () =>
        {
            node.Unlink();
            node.Domain.Retire(() =>
            {
                reclaimed++;
                node.Free();
            });
            node.Domain.Barrier();
            stage.Check(reclaimed == 1, $"Reclaimed {reclaimed} times when the barrier returned.");
        });
    }
}
