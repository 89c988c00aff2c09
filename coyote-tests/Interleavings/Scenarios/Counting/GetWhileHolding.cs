using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A holder takes a second reference blindly: legal whatever the kill has done by then.</summary>
[Sizes(1, 2)]
internal sealed class GetWhileHolding(int holders) : Scenario
{
    public override string Name => $"get-while-holding-{holders}";

    public override string Description => $"{holders} holder(s) of a reference take another one blindly and put both, while another thread kills.";

    public override string Covers => "I9 I10";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        for (int i = 1; i <= holders; i++)
        {
            ModelThread holder = stage.Thread($"holder {i}", () =>
            {
                subject.Get();
                subject.Put();
                subject.Use();
                subject.Put();
            });
            Execution.RunAs(holder, subject.Get);
        }
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
