using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The mode goes to atomic and back to percpu under readers; nothing is lost, and nothing is released.</summary>
[Sizes(1, 2)]
internal sealed class AtomicAndBack(int readers) : Scenario
{
    public override string Name => $"atomic-and-back-{readers}";

    public override string Description => $"{readers} reader(s) pin and unpin while the mode goes to atomic, back to percpu, and to the end.";

    public override string Covers => "I10 I14 I15";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit);
        for (int i = 1; i <= readers; i++)
            stage.Thread($"reader {i}", () => subject.Visit());
        stage.Thread("switcher", () =>
        {
            subject.Reference.SwitchToAtomic();
            subject.Reference.SwitchToPercpu();
            subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
