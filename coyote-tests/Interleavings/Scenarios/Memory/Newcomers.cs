using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Threads that count for the first time, during a kill: a scan finds their new areas, or they see the new mode.</summary>
[Sizes(1, 2)]
internal sealed class Newcomers(int readers) : Scenario
{
    public override string Name => $"newcomers-{readers}";

    public override string Description => $"{readers} thread(s) without a stripe area visit while another thread kills.";

    public override string Covers => "I7 I10 I22";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        for (int i = 1; i <= readers; i++)
            stage.NewThread($"newcomer {i}", () => subject.Visit());
        stage.NewThread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
