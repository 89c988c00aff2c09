using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The last two references are put at the same time, in atomic mode: exactly one of the puts releases.</summary>
[Sizes(2, 3)]
internal sealed class LastPuts(int holders) : Scenario
{
    public override string Name => $"last-puts-{holders}";

    public override string Description => $"{holders} threads put the last references of a killed reference at once.";

    public override string Covers => "I8 I10 I11";

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
        subject.Kill();
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
