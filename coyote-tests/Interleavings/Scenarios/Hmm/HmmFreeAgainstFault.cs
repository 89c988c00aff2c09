using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A page in a device is faulted back while its address is perhaps discarded and pages of the device are taken
/// for something else: nobody ever sees those bytes, and it is freed once.</summary>
internal sealed class HmmFreeAgainstFault : Scenario
{
    public override string Name => "hmm-free-fault";

    public override string Description => "A reader faults a migrated page back, while another thread discards it, or not, and takes a page of the device.";

    public override string Covers => "I50";

    public override long DefaultExecutions => 20_000;

    /// <summary>0: the fault frees the page; 1: it is discarded, and freed by whoever comes first.</summary>
    public override int Variants => 2;

    public override void Arrange(Stage stage)
    {
        var machine = new HmmMachine(stage);
        machine.Hmm.MigrateToDevice(machine.Space, machine.Address, 1);
        stage.Thread("reader", () =>
        {
            byte first = machine.Read();
            stage.Check(first == HmmMachine.Mine || (stage.Variant == 1 && first == 0), "The bytes of somebody else's page were read.");
        });
        stage.Thread("driver", () =>
        {
            if (stage.Variant == 1)
                machine.Space.Discard(machine.Address, 1 << Pfn.PageShift);
            Page page = machine.TakeAndFill();
            stage.Check(!page.IsNull && page.Count == 2, "A page that is not free was taken.");
            page.Put();
        });
        stage.Finally(() =>
        {
            stage.Check(machine.Hmm.AllocatedPages == 0, $"{machine.Hmm.AllocatedPages} pages of the device are in use at the end.");
            machine.Space.Dispose();
            stage.Check(machine.Machine.Space.AllocatedPages == 0, "A page of RAM leaked.");
        });
    }
}
