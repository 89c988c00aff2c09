using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>References taken before the story are put while one thread kills: late puts must not hide the zero.</summary>
[Sizes(1, 2)]
internal sealed class PutAgainstKill(int holders) : Scenario
{
    public override string Name => $"put-kill-{holders}";

    public override string Description => $"{holders} thread(s) put a reference taken earlier, while another kills.";

    public override string Covers => "I4 I5 I10";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        for (int i = 1; i <= holders; i++)
        {
            ModelThread holder = stage.Thread($"holder {i}", () =>
            {
                subject.Use();
                subject.Put();
            });
            Execution.RunAs(holder, subject.Get);
        }
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
