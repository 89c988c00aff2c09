using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A live reader and a TryGet beside each other: a failing TryGet may be the one that proves zero.</summary>
internal sealed class MixedReaders : Scenario
{
    public override string Name => "live-and-tryget";

    public override string Description => "One thread pins with TryGetLive, another with TryGet, while a third kills.";

    public override string Covers => "I7 I8 I10";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        stage.Thread("live reader", () => subject.Visit());
        stage.Thread("reader", () =>
        {
            if (!subject.TryGet())
                return;
            subject.Use();
            subject.Put();
        });
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
