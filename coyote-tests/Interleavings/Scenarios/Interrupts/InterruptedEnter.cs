using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A request that waits before a frozen queue: interrupted, it is not inside.</summary>
internal sealed class InterruptedEnter() : InterruptedWait("enter", "waits to enter a frozen queue", mayEnd: true)
{
    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        queue.Freeze();
        stage.Thread("owner", queue.Unfreeze);
        AddWaiter(stage, () =>
        {
            queue.Enter();
            queue.Exit();
        });
        stage.Finally(() => stage.Check(queue.Usage.ApproximateCount == 1, "Somebody is inside at the end."));
    }
}
