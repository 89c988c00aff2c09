using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A kill on one thread, its taking back on another: in whatever order they come, the count is right.</summary>
internal sealed class KillBesideResurrect : Scenario
{
    public override string Name => "kill-resurrect";

    public override string Description => "One thread kills, another tries to take the kill back, while a reader visits.";

    public override string Covers => "I10 I14 I17";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit);
        stage.Thread("reader", () =>
        {
            if (!subject.TryGet())
                return;
            subject.Use();
            subject.Put();
        });
        stage.Thread("killer", () => subject.Reference.Kill());
        stage.Thread("reviver", () =>
        {
            try
            {
                subject.Reference.Resurrect();
            }
            catch (InvalidOperationException)
            {
                // Not killed yet, or released already.
            }
        });
        stage.Finally(() =>
        {
            if (!subject.Reference.IsDying)
            {
                subject.MustBalance(1);
                subject.Kill();
            }
            subject.MustHaveBeenReleased();
        });
    }
}
