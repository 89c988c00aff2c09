using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads kill: one of them does, the other is told so, and drops nothing.</summary>
internal sealed class TwoKillers : Scenario
{
    public override string Name => "two-killers";

    public override string Description => "Two threads kill the same reference while a reader visits.";

    public override string Covers => "I7 I10 I13 I14";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        int kills = 0;
        stage.Thread("reader", () => subject.Visit());
        for (int i = 1; i <= 2; i++)
            {
            stage.Thread($"killer {i}", () =>
            {
                if (subject.TryKill())
                    kills++;
            });
        }
        stage.Finally(() =>
        {
            stage.Check(kills == 1, $"{kills} of two kills succeeded.");
            subject.MustHaveBeenReleased();
        });
    }
}
