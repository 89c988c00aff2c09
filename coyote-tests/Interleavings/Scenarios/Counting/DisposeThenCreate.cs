using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reference is disposed under a reader, and a new one made: they must not share words or stripes yet.</summary>
internal sealed class DisposeThenCreate : Scenario
{
    public override string Name => "dispose-then-create";

    public override string Description => "A reader visits a reference while its owner disposes it, makes another one, and kills that.";

    public override string Covers => "I10 I18 I25";

    public override void Arrange(Stage stage)
    {
        var first = new CheckedRef(stage, name: "first");
        CheckedRef? second = null;
        stage.Thread("reader", () => first.Visit());
        stage.Thread("owner", () =>
        {
            first.Reference.Dispose();
            first.WasKilled();
            second = new CheckedRef(stage, name: "second");
            second.Kill();
        });
        stage.Finally(() =>
        {
            first.MustHaveBeenReleased();
            second!.MustHaveBeenReleased();
        });
    }
}
