using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The background reclaimer is started, sleeps, is woken, and ends while others retire: nothing is forgotten.</summary>
internal sealed class EpochReclaimer : Scenario
{
    public override string Name => "epoch-reclaimer";

    public override string Description => "A thread retires twice, to a background reclaimer that reclaims, sleeps and ends, while a reader reads.";

    public override string Covers => "I30 I35 I36";

    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain(background: true);
        var node = new LinkedNode(stage, domain);
        int reclaimed = 0;
        stage.Thread("reader", node.Read);
        stage.Thread("writer", () =>
        {
            node.Unlink();
            domain.Retire(() =>
            {
                reclaimed++;
                node.Free();
            });
            domain.Retire(() => reclaimed++);
        });
        // Woken just before it would have ended as idle, the reclaimer may end all the same: then another one is started.
        stage.SpareThread("reclaimer 1");
        stage.SpareThread("reclaimer 2");
        stage.Finally(() => stage.Check(reclaimed == 2, $"{reclaimed} of 2 reclaimed when every reclaimer had ended."));
    }
}
