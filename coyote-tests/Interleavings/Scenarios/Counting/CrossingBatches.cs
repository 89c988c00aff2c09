using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two batches that hold the same references in opposite orders: no deadlock, and everything is killed once.</summary>
internal sealed class CrossingBatches : Scenario
{
    public override string Name => "kill-all-crossing";

    public override string Description => "Two threads kill the same two references as batches in opposite orders.";

    public override string Covers => "I10 I13 I14";

    public override void Arrange(Stage stage)
    {
        var first = new CheckedRef(stage, name: "first");
        var second = new CheckedRef(stage, name: "second");
        stage.Thread("killer 1", () => KillBoth(first, second));
        stage.Thread("killer 2", () => KillBoth(second, first));
        stage.Finally(() =>
        {
            first.MustHaveBeenReleased();
            second.MustHaveBeenReleased();
        });
    }

    private static void KillBoth(CheckedRef one, CheckedRef other)
    {
        try
        {
            PercpuRef.KillAll([one.Reference, other.Reference]);
        }
        catch (InvalidOperationException)
        {
            // The other batch was faster with one of them.
        }
        catch (AggregateException)
        {
            // With both.
        }
    }
}
