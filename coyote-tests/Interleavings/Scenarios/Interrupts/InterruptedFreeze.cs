using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A freeze goes on to its end, and the queue opens again.</summary>
internal sealed class InterruptedFreeze() : InterruptedWait("freeze", "freezes a queue with a request inside", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        stage.Thread("user", () =>
        {
            queue.Enter();
            queue.Exit();
        });
        AddWaiter(stage, () =>
        {
            queue.Freeze();
            stage.Check(queue.Usage.IsZero, "Frozen, and a request is inside.");
            queue.Unfreeze();
        });
        stage.Finally(() => stage.Check(!queue.IsFrozen && queue.TryEnter(), "Nobody can enter at the end."));
    }
}
