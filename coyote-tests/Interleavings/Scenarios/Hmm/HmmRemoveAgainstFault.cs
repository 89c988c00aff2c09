using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A device's memory is removed while a page of it is mapped: the fault is still served, and removing ends with it.</summary>
internal sealed class HmmRemoveAgainstFault : Scenario
{
    public override string Name => "hmm-remove-fault";

    public override string Description => "A reader faults the last page back, while the memory of its device is being removed.";

    public override string Covers => "I44 I50";

    public override long DefaultExecutions => 20_000;

    public override void Arrange(Stage stage)
    {
        var machine = new HmmMachine(stage);
        machine.Hmm.MigrateToDevice(machine.Space, machine.Address, 1);
        Pfn pfn = machine.Hmm.Memory.FirstPfn;
        stage.Thread("reader", () =>
        {
            Page page = machine.Hmm.TryAllocatePage();
            if (!page.IsNull)
                page.Put();
            stage.Check(machine.Read() == HmmMachine.Mine, "The bytes got lost.");
        });
        stage.Thread("owner", () =>
        {
            machine.Hmm.Memory.Remove();
            stage.Check(machine.Hmm.AllocatedPages == 0, "Removed while a page is in use.");
            stage.Check(machine.Hmm.TryAllocatePage().IsNull, "A page of removed memory was taken.");
        });
        stage.Finally(() => stage.Check(machine.Machine.Space.FindRegion(pfn) is null, "The range is still there at the end."));
    }
}
