using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A disk is unbound while somebody has its memory open: it stays mapped until that is let go.</summary>
internal sealed class PmemUnbindAgainstDirectAccess : Scenario
{
    public override string Name => "pmem-unbind-direct-access";

    public override string Description => "A reader opens a pmem disk's memory and pins a page of it, while its driver is unbound.";

    public override string Covers => "I51 I54";

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        PmemDevice pmem = machine.BindPmem(mapPages: true);
        Page page = machine.Space.PfnToPage(Machine.Range.Start);
        var disk = (PmemDisk)pmem.Disk;
        stage.Thread("reader", () =>
        {
            try
            {
                using DirectMapping direct = disk.DirectAccess(0);
                Machine.Touch(pmem.Region);
                page.Get();
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            Machine.Touch(pmem.Region); // The pin alone holds it now.
            page.Put();
        });
        stage.Thread("owner", () => machine.Device.Unbind());
        stage.Finally(() => stage.Check(machine.Space.PfnToPage(Machine.Range.Start).IsNull, "The frames are still there at the end."));
    }
}
