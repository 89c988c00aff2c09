using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Removing device memory of which somebody holds a page, while another thread does so too.</summary>
[Sizes(0, 1)]
internal sealed class InterruptedDevmemRemove(int unbinds) : InterruptedWait(
    unbinds == 0 ? "devmem-remove" : "devmem-unbind", unbinds == 0 ? "removes device memory, beside an unbind" : "unbinds a device whose memory is being removed", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        HmmDevice device = null!;
        machine.Device.Bind(new Driver(bound => device = HmmDevice.Add(bound, 1)));
        stage.Named(device.Memory.Reference, "devmem");
        Pfn pfn = device.Memory.FirstPfn;
        Page page = device.TryAllocatePage();
        stage.Thread("holder", () =>
        {
            stage.Check(page.Count == 2, "The page is gone, and somebody holds it.");
            page.Put();
        });
        Action remove = () => device.Memory.Remove(), unbind = () => machine.Device.Unbind();
        stage.Thread("other", unbinds == 0 ? unbind : remove);
        AddWaiter(stage, unbinds == 0 ? remove : unbind);
        stage.Finally(() => stage.Check(machine.Space.FindRegion(pfn) is null && machine.Device.Driver is null, "The range is still there at the end."));
    }

    private sealed class Driver(Action<Pagemap.Device> probe) : DeviceDriver
    {
        public override string Name => "driver";

        protected internal override void Probe(Pagemap.Device device) => probe(device);
    }
}
