using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>There is no memory for a thread's area: it counts in the shared word, in whatever mode.</summary>
internal sealed class NoMemoryForArea : Scenario
{
    public override string Name => "no-memory-for-area";

    public override string Description => "A thread whose area cannot be allocated visits, and so does another thread, while a third kills.";

    public override string Covers => "I10 I24";

    /// <summary>The reservation fails, or the commitment.</summary>
    public override int Variants => 2;

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        stage.NewThread("poor reader", () => subject.Visit());
        stage.Thread("reader", () => subject.Visit());
        stage.Thread("killer", subject.Kill);
        stage.Execution.FailingAllocation = stage.Variant + 1;
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
