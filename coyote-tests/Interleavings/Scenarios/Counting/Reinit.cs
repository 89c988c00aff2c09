using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Kill, release, reinit, kill again, under readers: each life is released once.</summary>
[Sizes(1, 2)]
internal sealed class Reinit(int readers) : Scenario
{
    public override string Name => $"reinit-{readers}";

    public override string Description => $"{readers} reader(s) visit twice while another thread kills, revives after the release, and kills again.";

    public override string Covers => "I7 I10 I11 I17";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit);
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                subject.Visit();
                subject.Visit();
            });
        }
        stage.Thread("reviver", () =>
        {
            subject.Kill();
            subject.Reference.WaitForRelease(Timeout.InfiniteTimeSpan);
            subject.Reinit();
            subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased(lives: 2));
    }
}
