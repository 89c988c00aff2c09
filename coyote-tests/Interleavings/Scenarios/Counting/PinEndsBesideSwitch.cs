using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A pin of a stack frame ends while the mode goes to atomic, and the initial reference is put: whoever settles before a bound is
/// known must not take none for zero, for a count in a stripe is still held.</summary>
internal sealed unsafe class PinEndsBesideSwitch : Scenario
{
    public override string Name => "pin-end-switch";

    public override string Description => "A pin of a stack frame and the initial reference end, without a kill, while another thread switches to atomic and a third holds.";

    public override string Covers => "I4 I10 I15 I60";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, announced: true);
        long* hazard = null;
        ModelThread visitor = stage.Thread("visitor", () => subject.EndPin(hazard));
        ModelThread holder = stage.Thread("holder", subject.Use);
        stage.Thread("owner", subject.Put);
        stage.Thread("switcher", () => subject.Reference.SwitchToAtomic());
        Execution.RunAs(visitor, () => stage.Check(subject.TryBeginPin(out hazard), "No pin."));
        Execution.RunAs(holder, subject.Get);
        stage.Finally(() =>
        {
            stage.Check(subject.Releases == 0, "Released while a reference was held.");
            Execution.RunAs(holder, subject.Put);
            subject.MustHaveBeenReleased();
        });
    }
}
