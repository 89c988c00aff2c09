using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A freeze that may be given up: interrupted, or too late, it is undone.</summary>
internal sealed class InterruptedTryFreeze() : InterruptedWait("try-freeze", "tries to freeze a queue with a request inside", mayEnd: true)
{
    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        stage.Thread("user", () =>
        {
            if (queue.TryEnter())
                queue.Exit();
        });
        AddWaiter(stage, () =>
        {
            if (!queue.TryFreeze(TimeSpan.FromSeconds(1)))
                return;
            stage.Check(queue.Usage.IsZero, "Frozen, and a request is inside.");
            queue.Unfreeze();
        });
        stage.Finally(() => stage.Check(!queue.IsFrozen && queue.TryEnter(), "Nobody can enter at the end."));
    }
}
