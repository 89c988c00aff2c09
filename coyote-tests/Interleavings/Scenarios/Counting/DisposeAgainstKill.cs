using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A dispose and a kill at once, under a reader: the initial reference is dropped once.</summary>
internal sealed class DisposeAgainstKill : Scenario
{
    public override string Name => "dispose-kill";

    public override string Description => "One thread disposes, another kills, while a reader visits.";

    public override string Covers => "I7 I10 I13 I18";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        stage.Thread("reader", () => subject.Visit());
        stage.Thread("owner", () =>
        {
            subject.Reference.Dispose();
            subject.WasKilled();
        });
        stage.Thread("killer", () => subject.TryKill());
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
