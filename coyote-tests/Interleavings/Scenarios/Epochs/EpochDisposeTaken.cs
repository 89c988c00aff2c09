using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A callback that another thread has taken out of the list to run it has run when the disposal returns.</summary>
internal sealed class EpochDisposeTaken : Scenario
{
    public override string Name => "epoch-dispose-taken";

    public override string Description => "A thread retires and reclaims by itself, while another thread disposes the domain: when that returns, all that was accepted has run.";

    public override string Covers => "I36";

    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain();
        Ghost accepted = stage.Ghost("accepted"), reclaimed = stage.Ghost("reclaimed");
        stage.Thread("host", () =>
        {
            try
            {
                domain.Retire(() => reclaimed.Set(1));
                accepted.Write(1);
            }
            catch (ObjectDisposedException)
            {
                return; // Refused: nothing was retired.
            }
            domain.Reclaim();
            domain.Reclaim();
        });
        stage.Thread("owner", () =>
        {
            domain.Dispose();
            stage.Check(reclaimed.Use() >= accepted.Read(), "The disposal returned before a callback that was accepted had run.");
        });
    }
}
