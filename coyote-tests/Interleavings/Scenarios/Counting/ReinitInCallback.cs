using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The release callback itself revives the reference; the ended life still completes, and so does the next.</summary>
internal sealed class ReinitInCallback : Scenario
{
    public override string Name => "reinit-in-callback";

    public override string Description => "The release callback reinits the reference while a reader comes twice; another thread kills it again.";

    public override string Covers => "I7 I10 I11 I17";

    public override void Arrange(Stage stage)
    {
        Signal revived = stage.Signal("revived");
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit, onRelease: self =>
        {
            if (self.Releases > 1)
                return;
            self.Reinit();
            revived.Set();
        });
        Task firstLife = subject.Reference.Released;
        stage.Thread("reader", () =>
        {
            subject.Visit();
            subject.Visit();
        });
        stage.Thread("killer", subject.Kill);
        stage.Thread("second killer", () =>
        {
            revived.Wait();
            subject.Kill();
        });
        stage.Finally(() =>
        {
            stage.Check(firstLife.IsCompletedSuccessfully, "The task of the first life is not complete.");
            subject.MustHaveBeenReleased(lives: 2);
        });
    }
}
