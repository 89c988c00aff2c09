using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A freeze that comes too late is undone: the request that held it up goes on, and others come in.</summary>
internal sealed class QueueTriesToFreeze : Scenario
{
    public override string Name => "queue-try-freeze-late";

    public override string Description => "An owner tries to freeze a queue in which a request stays, while another waits to enter.";

    public override string Covers => "I52";

    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        Signal tried = stage.Signal("the owner has tried");
        queue.Enter();
        stage.Thread("inside", () =>
        {
            tried.Wait();
            queue.Exit();
        });
        stage.Thread("outside", () =>
        {
            queue.Enter();
            queue.Exit();
        });
        stage.Thread("owner", () =>
        {
            stage.Check(!queue.TryFreeze(TimeSpan.FromSeconds(1)), "Frozen with a request inside.");
            tried.Set();
        });
        stage.Finally(() => stage.Check(!queue.IsFrozen && queue.Usage.ApproximateCount == 1 && queue.TryEnter(), "The queue is not open at the end."));
    }
}
