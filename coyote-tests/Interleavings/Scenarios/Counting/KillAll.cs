using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two references die at once, for the price of one fence, under a reader of one or of both.</summary>
[Sizes(1, 2)]
internal sealed class KillAll(int visits) : Scenario
{
    public override string Name => visits == 2 ? "kill-all" : "kill-all-one-visit";

    public override string Description => $"A reader visits {visits} of two references while another thread kills both at once, with one process-wide fence.";

    public override string Covers => "I7 I10 I19";

    public override void Arrange(Stage stage)
    {
        var first = new CheckedRef(stage, name: "first");
        var second = new CheckedRef(stage, name: "second");
        stage.Thread("reader", () =>
        {
            first.Visit();
            if (visits == 2)
                second.Visit();
        });
        stage.Thread("killer", () =>
        {
            PercpuRef.KillAll([first.Reference, second.Reference]);
            first.WasKilled();
            second.WasKilled();
        });
        int before = stage.ProcessWideFences;
        stage.Finally(() =>
        {
            first.MustHaveBeenReleased();
            second.MustHaveBeenReleased();
            // Counted in one of the stories only, so that the other tells what the fence is good for.
            stage.Check(visits == 1 || stage.ProcessWideFences == before + 1, $"{stage.ProcessWideFences - before} process-wide fences for one batch.");
        });
    }
}
