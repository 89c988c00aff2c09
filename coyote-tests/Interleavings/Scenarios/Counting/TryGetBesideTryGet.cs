using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>TryGet succeeds on a dying reference until it is released, and then never again.</summary>
[Sizes(1, 2)]
internal sealed class TryGetBesideTryGet(int readers) : Scenario
{
    public override string Name => $"tryget-kill-{readers}";

    public override string Description => $"{readers} thread(s) TryGet, use and put while another thread kills.";

    public override string Covers => "I8 I10";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                if (!subject.TryGet())
                    return;
                subject.Use();
                subject.Put();
            });
        }
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
