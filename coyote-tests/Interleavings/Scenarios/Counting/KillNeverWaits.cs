using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reader is stopped at any one of its steps, until the kill has returned: which it must.</summary>
internal sealed class KillNeverWaits : Scenario
{
    public override string Name => "kill-never-waits";

    public override string Description => "A reader is stopped before one of its steps until Kill has returned; a second reader runs freely.";

    public override string Covers => "I7 I10 I20";

    /// <summary>The steps of the reader, the first of them the start.</summary>
    public override int Variants => 9;

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        Signal killed = stage.Signal("kill has returned");
        ModelThread stopped = stage.Thread("stopped reader", () => subject.Visit());
        stage.Thread("killer", () =>
        {
            subject.Kill();
            killed.Set();
        });
        Stage.Stop(stopped, stage.Variant + 1, killed);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
