using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Releasing a page mapping of which somebody holds a page: frames and memory stay until the put, and then all is gone.</summary>
internal sealed class InterruptedMemremap() : InterruptedWait("memremap-release", "releases a page mapping whose pages are held", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        PhysicalRegion region = machine.AddDevice();
        var reference = stage.Named(new PercpuRef(), "mapping");
        DeviceMapping mapping = machine.Device.DevmMemremapPages(Machine.Range, reference);
        Pfn pfn = Machine.Range.Start;
        DevPagemap held = machine.Table.GetDevPagemap(pfn)!;
        stage.Thread("holder", () =>
        {
            Machine.Touch(region);
            PagemapTable.PutDevPagemap(held);
        });
        AddWaiter(stage, () =>
        {
            reference.Kill();
            mapping.Release();
        });
        stage.Finally(() => stage.Check(machine.Table.Peek(pfn) is null && machine.Space.PfnToPage(pfn).IsNull, "The map is still in the table at the end."));
    }
}
