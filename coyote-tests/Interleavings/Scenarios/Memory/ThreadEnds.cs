using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread ends while a reference it took is still held; its area goes to a new thread, with the count in it.</summary>
internal sealed class ThreadEnds : Scenario
{
    public override string Name => "thread-ends";

    public override string Description => "A thread takes a reference and ends; a new thread adopts its area and visits; the reference is put elsewhere, and killed.";

    public override string Covers => "I5 I10 I22 I23";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        bool taken = false;
        ModelThread giver = stage.NewThread("giver", () => taken = subject.TryGetLive());
        stage.NewThread("newcomer", () =>
        {
            subject.Visit();
            if (taken)
                subject.Put();
        }, after: giver);
        stage.Thread("killer", subject.Kill);
        stage.Finally(() =>
        {
            subject.MustHaveBeenReleased();
            stage.Check(stage.Execution.Stripes.AreaCount <= 2, "The ended thread's area was not adopted.");
        });
    }
}
