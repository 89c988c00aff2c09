using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A domain is disposed while others read and retire: what it accepts it reclaims, once, and what it refuses is the caller's.</summary>
[Sizes(1, 2)]
internal sealed class EpochDispose(int retirements) : Scenario
{
    public override string Name => $"epoch-dispose-{retirements}";

    public override string Description => $"A thread unlinks a node and retires {retirements} time(s), while another thread disposes the domain.";

    public override string Covers => "I30 I36";

    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain();
        var node = new LinkedNode(stage, domain);
        int accepted = 0, reclaimed = 0;
        stage.Thread("writer", () =>
        {
            node.Unlink();
            for (int i = 0; i < retirements; i++)
            {
                try
                {
                    domain.Retire(() => reclaimed++);
                    accepted++;
                }
                catch (ObjectDisposedException)
                {
                    // Refused: nothing was retired.
                }
            }
        });
        stage.Thread("owner", () => domain.Dispose());
        stage.Finally(() => stage.Check(reclaimed == accepted, $"{reclaimed} of {accepted} reclaimed when the domain was disposed."));
    }
}
