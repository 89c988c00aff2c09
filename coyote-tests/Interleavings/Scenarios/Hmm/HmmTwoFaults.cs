using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two readers fault the same page back: one moves it, the other waits, and both see its bytes.</summary>
internal sealed class HmmTwoFaults : Scenario
{
    public override string Name => "hmm-two-faults";

    public override string Description => "Two readers access a page in a device at once.";

    public override string Covers => "I50";

    public override long DefaultExecutions => 20_000;

    public override void Arrange(Stage stage)
    {
        var machine = new HmmMachine(stage);
        machine.Hmm.MigrateToDevice(machine.Space, machine.Address, 1);
        for (int i = 1; i <= 2; i++)
            stage.Thread($"reader {i}", () => stage.Check(machine.Read() == HmmMachine.Mine, "The bytes got lost."));
        stage.Finally(() =>
        {
            stage.Check(machine.Hmm.AllocatedPages == 0 && machine.Machine.Space.AllocatedPages == 1, "A page leaked, or was freed twice.");
            stage.Check(machine.Space.MajorFaults == 1, $"{machine.Space.MajorFaults} faults moved the page.");
        });
    }
}
