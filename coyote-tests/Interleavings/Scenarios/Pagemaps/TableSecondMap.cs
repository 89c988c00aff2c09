using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A map is registered beside another one, in a node of the tree that readers know already.</summary>
internal sealed class TableSecondMap : Scenario
{
    public override string Name => "table-second-map";

    public override string Description => "A reader looks up a map that another thread registers in a node which is there already.";

    public override string Covers => "I40";

    public override void Arrange(Stage stage)
    {
        var table = new PagemapTable(stage.Domain());
        var fixture = stage.Named(new PercpuRef(), "fixture");
        var guest = stage.Named(new PercpuRef(), "guest");
        table.Register(new PfnRange(new Pfn(0), PagemapTable.PagesPerSubsection), fixture);
        var beside = new Pfn(PagemapTable.PagesPerSection);
        stage.Thread("reader", () =>
        {
            DevPagemap? map = table.GetDevPagemap(beside);
            stage.Check(map is null || ReferenceEquals(map.Reference, guest), "Another map was found.");
            PagemapTable.PutDevPagemap(map);
        });
        stage.Thread("writer", () => table.Register(new PfnRange(beside, PagemapTable.PagesPerSubsection), guest));
    }
}
