using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Threads announce an access, as the buffers do for a single value, one of them inside a pin of its own, while one thread kills.</summary>
[Sizes(1, 2)]
internal sealed class AccessAgainstKill(int visitors) : Scenario
{
    public override string Name => $"visit-kill-{visitors}";

    public override string Description => $"{visitors} thread(s) announce an access, the first one inside a pin, while another kills.";

    public override string Covers => "I7 I10 I60";

    /// <summary>0: the first thread has its access inside a pin; 1: without one.</summary>
    public override int Variants => visitors == 1 ? 2 : 1;

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, announced: true);
        subject.Reference.AllowAccesses(1);
        for (int i = 1; i <= visitors; i++)
        {
            bool pins = i == 1 && stage.Variant == 0;
            stage.Thread($"visitor {i}", () =>
            {
                if (!pins || !subject.TryGetLive())
                {
                    subject.Access();
                    return;
                }
                subject.Access();
                subject.Use();
                subject.Put();
            });
        }
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
