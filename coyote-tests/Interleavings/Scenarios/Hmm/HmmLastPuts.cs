using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two holders put a page of a device: it is freed once, by the one whose put is the last.</summary>
internal sealed class HmmLastPuts : Scenario
{
    public override string Name => "hmm-last-puts";

    public override string Description => "Two holders put the same page of a device at once.";

    public override string Covers => "I50";

    public override long DefaultExecutions => 20_000;

    public override void Arrange(Stage stage)
    {
        var machine = new HmmMachine(stage);
        Page page = machine.Hmm.TryAllocatePage();
        page.Get();
        for (int i = 1; i <= 2; i++)
            stage.Thread($"holder {i}", page.Put);
        stage.Finally(() => stage.Check(machine.Hmm.AllocatedPages == 0 && page.Count == 1, "Not freed exactly once."));
    }
}
