using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Waiting for the release of a reference: interrupted, the reference is as it was, and the next wait sees the release.</summary>
internal sealed class InterruptedRelease() : InterruptedWait("wait-for-release", "waits for the release of a reference", mayEnd: true)
{
    public override void Arrange(Stage stage)
    {
        var reference = new CheckedRef(stage);
        reference.Get();
        stage.Thread("holder", () =>
        {
            reference.Use();
            reference.Put();
        });
        AddWaiter(stage, () =>
        {
            reference.Kill();
            stage.Check(reference.Reference.WaitForRelease(Timeout.InfiniteTimeSpan), "A wait without time-out has timed out.");
            stage.Check(reference.Releases == 1, "Not released, and the wait is over.");
        });
        stage.Finally(() => reference.MustHaveBeenReleased());
    }
}
