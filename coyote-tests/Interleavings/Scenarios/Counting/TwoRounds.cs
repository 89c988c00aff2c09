using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two kills taken back, one after the other, under a reader who comes twice: phases must not mix.</summary>
internal sealed class TwoRounds : Scenario
{
    public override string Name => "resurrect-two-rounds";

    public override string Description => "A reader visits twice while another thread kills and resurrects twice, and kills for good.";

    public override string Covers => "I7 I10 I17 I26";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit);
        int lives = 1;
        stage.Thread("reader", () =>
        {
            subject.Visit();
            subject.Visit();
        });
        stage.Thread("reviver", () =>
        {
            for (int round = 0; round < 2; round++)
            {
                subject.Kill();
                if (subject.TryResurrect())
                    continue;
                subject.Reference.WaitForRelease(Timeout.InfiniteTimeSpan);
                lives++;
                subject.Reinit();
            }
            subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased(lives));
    }
}
