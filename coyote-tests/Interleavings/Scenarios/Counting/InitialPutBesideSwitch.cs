using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The initial reference is put, without a kill, while the mode goes to atomic: one of the two must release.</summary>
internal sealed class InitialPutBesideSwitch : Scenario
{
    public override string Name => "initial-put-switch";

    public override string Description => "The initial reference is put while another thread switches to atomic, and a reader visits.";

    public override string Covers => "I4 I10 I15";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        stage.Thread("reader", () =>
        {
            if (!subject.TryGet())
                return;
            subject.Use();
            subject.Put();
        });
        stage.Thread("owner", subject.Put);
        stage.Thread("switcher", () => subject.Reference.SwitchToAtomic());
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
