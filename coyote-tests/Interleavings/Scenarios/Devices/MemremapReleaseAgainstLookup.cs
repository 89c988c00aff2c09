using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A mapping with pages is released while a reader looks one up and pins it: memory and frame stay until the unpin.</summary>
[Sizes(1, 2)]
internal sealed class MemremapReleaseAgainstLookup(int readers) : Scenario
{
    public override string Name => $"memremap-release-lookup-{readers}";

    public override string Description => $"{readers} reader(s) look up a page of a device, pin and use it, while the mapping is killed and released.";

    public override string Covers => "I40 I44 I54";

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        PhysicalRegion region = machine.AddDevice();
        var reference = stage.Named(new PercpuRef(), "mapping");
        DeviceMapping mapping = machine.Device.DevmMemremapPages(Machine.Range, reference);
        Pfn pfn = Machine.Range.Start;
        machine.Space.PfnToPage(pfn);
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                DevPagemap? map = machine.Table.GetDevPagemap(pfn);
                if (map is null)
                    return;
                Page page = machine.Space.PfnToPage(pfn);
                stage.Check(!page.IsNull, "No frame under a held map.");
                page.Get();
                PagemapTable.PutDevPagemap(map);
                Machine.Touch(region);
                page.Put();
            });
        }
        stage.Thread("owner", () =>
        {
            reference.Kill();
            mapping.Release();
            stage.Check(machine.Table.GetDevPagemap(pfn) is null, "Found after its release.");
        });
        stage.Finally(() => stage.Check(machine.Space.PfnToPage(pfn).IsNull, "The frames are still there at the end."));
    }
}
