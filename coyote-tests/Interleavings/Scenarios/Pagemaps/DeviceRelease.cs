using Percpu.Interleavings.Running;
using Percpu.Memory;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A device goes away while readers look its pages up: who gets the map may use the page until the put.</summary>
[Sizes(1, 2)]
internal sealed unsafe class DeviceRelease(int readers) : Scenario
{
    public override string Name => $"lookup-release-{readers}";

    public override string Description => $"{readers} reader(s) look a page up and use it, while the device is killed, drained, unregistered and freed.";

    public override string Covers => "I40 I44 I54";

    public override void Arrange(Stage stage)
    {
        var device = new Device(stage);
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                DevPagemap? map = device.Table.GetDevPagemap(device.Page);
                if (map is not null)
                    device.Use(map);
                PagemapTable.PutDevPagemap(map);
            });
        }
        stage.Thread("driver", device.TearDown);
        stage.Finally(device.MustBeGone);
    }
}
