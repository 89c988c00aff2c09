using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>One thread takes a reference, another one puts it: their stripes balance only together.</summary>
internal sealed class HandOver : Scenario
{
    public override string Name => "hand-over";

    public override string Description => "One thread takes a reference and hands it to another, which puts it, while a third kills.";

    public override string Covers => "I5 I7 I10";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        Signal handed = stage.Signal("handed over");
        bool taken = false;
        stage.Thread("giver", () =>
        {
            taken = subject.TryGetLive();
            handed.Set();
        });
        stage.Thread("taker", () =>
        {
            handed.Wait();
            if (!taken)
                return;
            subject.Use();
            subject.Put();
        });
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
