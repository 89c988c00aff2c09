using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A freeze that was begun is undone while a request is inside: the queue is open again, whoever was faster.</summary>
internal sealed class QueueUnfreezesEarly : Scenario
{
    public override string Name => "queue-unfreeze-early";

    public override string Description => "An owner begins to freeze a queue and undoes it at once, while one user leaves it and another enters.";

    public override string Covers => "I52";

    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        queue.Enter();
        stage.Thread("inside", queue.Exit);
        stage.Thread("outside", () =>
        {
            queue.Enter();
            queue.Exit();
        });
        stage.Thread("owner", () =>
        {
            queue.FreezeStart();
            queue.Unfreeze();
        });
        stage.Finally(() =>
        {
            stage.Check(!queue.IsFrozen && queue.Usage.ApproximateCount == 1, "A request is inside at the end, or the queue is not open.");
            stage.Check(queue.TryEnter(), "Nobody can enter at the end.");
        });
    }
}
