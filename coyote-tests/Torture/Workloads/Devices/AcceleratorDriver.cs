using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Devices;

/// <summary>Drives a device with memory of its own, behind something else that its pages need as long as there are any.</summary>
internal sealed class AcceleratorDriver(Stage stage, Member member) : DeviceDriver
{
    public override string Name => "accelerator";

    internal HmmDevice Device { get; private set; } = null!;

    protected internal override void Probe(Device device)
    {
        device.AddResource("what pages need", () =>
        {
            if (!Device.Memory.Completion.IsCompletedSuccessfully || device.Space.FindRegion(Device.Memory.FirstPfn) is not null)
                stage.Findings.Violation("what a device acquired before its memory was released before it", member);
        });
        Device = HmmDevice.Add(device, DeviceWorkload.MovingPages);
    }
}
