using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The grace period in the middle of a change of the table: nothing is freed under a reader, and nothing is left.</summary>
internal sealed class InterruptedUnregister() : InterruptedWait("unregister", "unregisters a map that readers look up", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var table = new PagemapTable(stage.Domain());
        var reference = stage.Named(new PercpuRef(), "map");
        int blocks = stage.Execution.Heap.Outstanding;
        DevPagemap map = table.Register(new PfnRange(new Pfn(0), PagemapTable.PagesPerSubsection), reference);
        reference.Kill();
        stage.Thread("reader", () =>
        {
            using EpochReader reader = table.Epoch.Enter();
            table.Peek(new Pfn(0));
        });
        AddWaiter(stage, () => table.Unregister(map));
        stage.Finally(() => stage.Check(stage.Execution.Heap.Outstanding == blocks, "Something of the table is left at the end."));
    }
}
