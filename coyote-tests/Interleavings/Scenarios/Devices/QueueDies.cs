using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A frozen queue is ended while a request waits to enter: the request fails, and nobody waits for ever.</summary>
internal sealed class QueueDies : Scenario
{
    public override string Name => "queue-dies";

    public override string Description => "A user waits to enter a frozen queue, which is then ended instead of opened.";

    public override string Covers => "I52";

    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        queue.Freeze();
        stage.Thread("user", () => stage.Throws<ObjectDisposedException>(queue.Enter, "A request entered a frozen, dying queue."));
        stage.Thread("owner", () =>
        {
            queue.MarkDying();
            queue.Unfreeze();
            queue.Dispose();
        });
    }
}
