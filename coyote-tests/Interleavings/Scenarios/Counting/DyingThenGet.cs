using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Who was told that a reference is dying gets nothing from it any more, although the kill may still be under way.</summary>
internal sealed class DyingThenGet : Scenario
{
    public override string Name => "dying-then-get";

    public override string Description => "A reader asks whether the reference is dying, then gets, while another thread kills.";

    public override string Covers => "I7 I10";

    /// <summary>0: the reader counts; 1: it announces a visit.</summary>
    public override int Variants => 2;

    public override void Arrange(Stage stage)
    {
        bool announces = stage.Variant == 1;
        var subject = new CheckedRef(stage, announced: announces);
        if (announces)
            subject.Reference.AllowAccesses(1);
        stage.Thread("reader", () =>
        {
            bool dying = subject.Reference.IsDying;
            bool taken = announces ? subject.Access() : subject.Visit();
            stage.Check(!(dying && taken), "A get succeeded after the reference was said to be dying.");
        });
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
