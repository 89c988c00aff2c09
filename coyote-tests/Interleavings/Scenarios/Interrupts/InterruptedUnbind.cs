using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Unbinding a disk whose memory somebody has open: it stays mapped until that is let go.</summary>
internal sealed class InterruptedUnbind() : InterruptedWait("unbind", "unbinds a disk whose memory is open", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        PmemDevice pmem = machine.BindPmem(mapPages: false);
        var disk = (PmemDisk)pmem.Disk;
        stage.Thread("reader", () =>
        {
            if (!disk.TryDirectAccess(0, out DirectMapping direct))
                return;
            Machine.Touch(pmem.Region);
            direct.Dispose();
        });
        AddWaiter(stage, () =>
        {
            machine.Device.Unbind();
            stage.Check(disk.Queue.Usage.IsZero, "Unbound, and somebody has the memory open.");
        });
        stage.Finally(() => stage.Check(machine.Device.Driver is null, "Still bound at the end."));
    }
}
