using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reference that stays atomic is killed, released, revived and killed again: each life is released.</summary>
internal sealed class StickyAtomic : Scenario
{
    public override string Name => "sticky-atomic-reinit";

    public override string Description => "A reader visits an always atomic reference while another thread kills, reinits and kills it.";

    public override string Covers => "I2 I10 I15 I17";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.InitAtomic);
        stage.Thread("reader", () => subject.Visit());
        stage.Thread("reviver", () =>
        {
            subject.Kill();
            subject.Reference.WaitForRelease(Timeout.InfiniteTimeSpan);
            subject.Reinit();
            stage.Check(!subject.Reference.IsPercpu, "A reinit made it percpu.");
            subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased(lives: 2));
    }
}
