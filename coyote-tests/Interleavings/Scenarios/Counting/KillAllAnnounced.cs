using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two references die at once, one of them announced by an access, one counted: the batch's one scan sees both kinds.</summary>
internal sealed class KillAllAnnounced : Scenario
{
    public override string Name => "kill-all-announced";

    public override string Description => "A visitor announces one of two references, a reader counts on the other, while a third thread kills both at once.";

    public override string Covers => "I7 I10 I19 I60";

    public override void Arrange(Stage stage)
    {
        var counted = new CheckedRef(stage, name: "counted");
        var announced = new CheckedRef(stage, name: "announced", announced: true);
        announced.Reference.AllowAccesses(1);
        stage.Thread("visitor", () =>
        {
            announced.Access();
            counted.Visit();
        });
        stage.Thread("killer", () =>
        {
            PercpuRef.KillAll([counted.Reference, announced.Reference]);
            counted.WasKilled();
            announced.WasKilled();
        });
        stage.Finally(() =>
        {
            counted.MustHaveBeenReleased();
            announced.MustHaveBeenReleased();
        });
    }
}
