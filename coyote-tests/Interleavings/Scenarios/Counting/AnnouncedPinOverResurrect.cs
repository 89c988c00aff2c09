using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A pin of a stack frame that lasts over a kill, a resurrection and a second kill.</summary>
internal sealed unsafe class AnnouncedPinOverResurrect : Scenario
{
    public override string Name => "pin-here-resurrect";

    public override string Description => "A thread holds a pin of a stack frame while another kills, takes it back if it can, and kills again.";

    public override string Covers => "I7 I10 I17";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit, announced: true);
        stage.Thread("reader", () =>
        {
            if (!subject.TryBeginPin(out long* hazard))
                return;
            subject.Use();
            subject.EndPin(hazard);
        });
        stage.Thread("killer", () =>
        {
            subject.Kill();
            if (subject.TryResurrect())
                subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
