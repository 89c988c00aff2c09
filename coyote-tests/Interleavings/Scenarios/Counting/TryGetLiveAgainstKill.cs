using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Readers pin, use and unpin while one thread kills.</summary>
[Sizes(1, 2, 3)]
internal sealed class TryGetLiveAgainstKill(int readers) : Scenario
{
    public override string Name => $"tryget-live-kill-{readers}";

    public override string Description => $"{readers} reader(s) pin and unpin while another thread kills.";

    public override string Covers => "I7 I10 I11";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        for (int i = 1; i <= readers; i++)
            stage.Thread($"reader {i}", () => subject.Visit());
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
