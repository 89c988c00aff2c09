using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads switch the mode both ways at once, under a reader: switches exclude each other, counts stay.</summary>
internal sealed class SwitchesCross : Scenario
{
    public override string Name => "switches-cross";

    public override string Description => "One thread switches to atomic, another to percpu, while a reader visits.";

    public override string Covers => "I10 I14 I15";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit);
        stage.Thread("reader", () => subject.Visit());
        stage.Thread("to atomic", () => subject.Reference.SwitchToAtomic());
        stage.Thread("to percpu", subject.Reference.SwitchToPercpu);
        stage.Finally(() =>
        {
            subject.MustBalance(1);
            subject.Kill();
            subject.MustHaveBeenReleased();
        });
    }
}
