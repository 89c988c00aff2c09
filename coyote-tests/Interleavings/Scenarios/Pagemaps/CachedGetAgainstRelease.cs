using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reader that holds the map takes it again from its cache, also while the device dies.</summary>
internal sealed class CachedGetAgainstRelease : Scenario
{
    public override string Name => "cached-get-release";

    public override string Description => "A reader looks a page up and takes it again through the cached map, while the device goes away.";

    public override string Covers => "I40 I41 I44";

    public override void Arrange(Stage stage)
    {
        var device = new Device(stage);
        stage.Thread("reader", () =>
        {
            DevPagemap? cached = device.Table.GetDevPagemap(device.Page);
            if (cached is null)
                return;
            DevPagemap? again = device.Table.GetDevPagemap(device.Page, cached);
            PagemapTable.PutDevPagemap(cached);
            stage.Check(again is not null, "A cached get failed.");
            device.Use(again!);
            PagemapTable.PutDevPagemap(again);
        });
        stage.Thread("driver", device.TearDown);
        stage.Finally(device.MustBeGone);
    }
}
