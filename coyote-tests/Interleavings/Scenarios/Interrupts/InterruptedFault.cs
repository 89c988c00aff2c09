using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Waiting for another thread that is just bringing the page back.</summary>
internal sealed class InterruptedFault() : InterruptedWait("fault", "accesses a page that another thread is bringing back", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var machine = new HmmMachine(stage);
        machine.Hmm.MigrateToDevice(machine.Space, machine.Address, 1);
        stage.Thread("reader", () => stage.Check(machine.Read() == HmmMachine.Mine, "The bytes got lost."));
        AddWaiter(stage, () => stage.Check(machine.Read() == HmmMachine.Mine, "The bytes got lost."));
        stage.Finally(() => stage.Check(machine.Hmm.AllocatedPages == 0 && machine.Machine.Space.AllocatedPages == 1, "A page leaked, or was freed twice."));
    }
}
