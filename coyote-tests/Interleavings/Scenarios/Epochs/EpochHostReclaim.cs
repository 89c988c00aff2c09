using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads retire and reclaim what is ready, without waiting: nothing is reclaimed early, twice, or never.</summary>
internal sealed class EpochHostReclaim : Scenario
{
    public override string Name => "epoch-reclaim";

    public override string Description => "A reader follows two links, while two threads unlink one each, retire it, and reclaim what is ready.";

    public override string Covers => "I30 I32 I35 I36";

    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain();
        LinkedNode[] nodes = [new(stage, domain), new(stage, domain)];
        int reclaimed = 0;
        stage.Thread("reader", () =>
        {
            using EpochReader reader = domain.Enter();
            nodes[0].Follow();
            nodes[1].Follow();
        });
        for (int i = 0; i < 2; i++)
        {
            LinkedNode node = nodes[i];
            stage.Thread($"writer {i + 1}", () =>
            {
                node.Unlink();
                domain.Retire(() =>
                {
                    reclaimed++;
                    node.Free();
                });
                domain.Reclaim();
            });
        }
        stage.Finally(() =>
        {
            domain.Barrier();
            stage.Check(reclaimed == 2, $"{reclaimed} of 2 reclaimed.");
        });
    }
}
