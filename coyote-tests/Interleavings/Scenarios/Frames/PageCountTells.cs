using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A page's count is looked at, as a migration does, while another holder lets go: who finds himself alone sees what
/// the other did.</summary>
internal sealed class PageCountTells : Scenario
{
    public override string Name => "page-count-tells";

    public override string Description => "A holder writes a page's driver data and puts the page, while another looks whether he holds it alone.";

    public override string Covers => "I50";

    public override void Arrange(Stage stage)
    {
        var machine = new HmmMachine(stage);
        Page page = machine.Hmm.TryAllocatePage();
        page.Get();
        stage.Thread("holder", () =>
        {
            page.DriverData = HmmMachine.Mine;
            page.Put();
        });
        stage.Thread("driver", () =>
        {
            if (page.Count == 2) // Idle, and this holder.
                stage.Check(page.DriverData == HmmMachine.Mine, "Nobody else holds the page, and what he did is not there yet.");
        });
        stage.Finally(() =>
        {
            page.Put();
            stage.Check(machine.Hmm.AllocatedPages == 0 && page.Count == 1, "Not freed exactly once.");
        });
    }
}
