using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Another map comes and goes far above, so that the tree grows and shrinks under a reader's lookup.</summary>
internal sealed class TableChanges : Scenario
{
    private const ulong FarAbove = PagemapTable.PagesPerSection << 9;

    public override string Name => "table-insert-remove";

    public override string Description => "A reader looks up two maps, one of which another thread registers, kills and unregisters.";

    public override string Covers => "I40 I46";

    public override void Arrange(Stage stage)
    {
        var table = new PagemapTable(stage.Domain());
        var fixture = stage.Named(new PercpuRef(), "fixture");
        var guest = stage.Named(new PercpuRef(), "guest");
        table.Register(new PfnRange(new Pfn(0), PagemapTable.PagesPerSubsection), fixture);
        int blocks = stage.Execution.Heap.Outstanding;
        stage.Thread("reader", () =>
        {
            PagemapTable.PutDevPagemap(table.GetDevPagemap(new Pfn(FarAbove)));
            DevPagemap? map = table.GetDevPagemap(new Pfn(0));
            stage.Check(map is not null, "A registered, live map was not found.");
            PagemapTable.PutDevPagemap(map);
        });
        stage.Thread("writer", () =>
        {
            DevPagemap map = table.Register(new PfnRange(new Pfn(FarAbove), PagemapTable.PagesPerSubsection), guest);
            guest.Kill();
            guest.WaitForRelease(Timeout.InfiniteTimeSpan);
            table.Unregister(map);
        });
        // The tree keeps its height: what stays is the new root on top of the old one.
        stage.Finally(() => stage.Check(stage.Execution.Heap.Outstanding <= blocks + 1, "Native blocks leaked."));
    }
}
