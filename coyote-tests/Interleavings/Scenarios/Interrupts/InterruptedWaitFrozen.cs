using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Waiting for a freeze that stays, whatever becomes of the wait.</summary>
internal sealed class InterruptedWaitFrozen() : InterruptedWait("wait-frozen", "waits for a queue that it has begun to freeze", mayEnd: true)
{
    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        queue.Enter();
        queue.FreezeStart();
        stage.Thread("user", queue.Exit);
        AddWaiter(stage, () =>
        {
            queue.WaitFrozen();
            stage.Check(queue.Usage.IsZero, "Frozen, and a request is inside.");
        });
        stage.Finally(() =>
        {
            queue.Unfreeze();
            stage.Check(!queue.IsFrozen && queue.TryEnter(), "Nobody can enter at the end.");
        });
    }
}
