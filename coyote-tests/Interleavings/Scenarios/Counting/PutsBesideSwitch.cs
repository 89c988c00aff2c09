using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Everything that is held is put while the mode goes to atomic: who settles while no bound is known concludes nothing
/// from that.</summary>
internal sealed class PutsBesideSwitch : Scenario
{
    public override string Name => "puts-beside-switch";

    public override string Description => "The initial reference and two more are put, without a kill, while another thread switches to atomic.";

    public override string Covers => "I4 I10 I15";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        ModelThread holder = stage.Thread("holder", () =>
        {
            subject.Use();
            subject.Put();
        });
        ModelThread putter = stage.Thread("putter", subject.Put);
        stage.Thread("owner", subject.Put);
        stage.Thread("switcher", () => subject.Reference.SwitchToAtomic());
        Execution.RunAs(holder, subject.Get);
        Execution.RunAs(putter, subject.Get);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
