using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reference is disposed under a reader, and a new one made: they must not share words or stripes yet.</summary>
internal sealed class DisposeThenCreate : Scenario
{
    internal override string Name => "dispose-then-create";

    internal override string Description => "A reader visits a reference while its owner disposes it, makes another one, and kills that.";

    internal override string Covers => "I10 I18 I25";

    internal override void Arrange(Stage stage)
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
