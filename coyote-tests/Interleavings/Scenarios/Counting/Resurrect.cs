using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A kill is taken back while readers hold references; the last put may be faster, and then it is too late.</summary>
[Sizes(1, 2)]
internal sealed class Resurrect(int readers) : Scenario
{
    public override string Name => $"resurrect-{readers}";

    public override string Description => $"{readers} reader(s) visit while another thread kills, resurrects (or reinits, if too late), and kills again.";

    public override string Covers => "I7 I10 I17";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit);
        int lives = 1;
        for (int i = 1; i <= readers; i++)
            stage.Thread($"reader {i}", () => subject.Visit());
        stage.Thread("reviver", () =>
        {
            subject.Kill();
            if (!subject.TryResurrect())
            {
                subject.Reference.WaitForRelease(Timeout.InfiniteTimeSpan);
                lives++;
                subject.Reinit();
            }
            subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased(lives));
    }
}
