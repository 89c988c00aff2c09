using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>What stripes per CPU are about: threads that move between processors, and meet there, while one kills.</summary>
internal sealed class SectionKill : Scenario
{
    public override string Name => "section-kill";

    public override string Description => "A thread pins twice and another once, so that with stripes per CPU they meet on both processors, while a third one kills.";

    public override string Covers => "I7 I10 I77";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        stage.Thread("mover", () =>
        {
            subject.Visit();
            subject.Visit();
        });
        stage.Thread("reader", () => subject.Visit());
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
