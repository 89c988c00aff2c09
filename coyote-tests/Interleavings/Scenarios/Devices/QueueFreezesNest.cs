using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two owners freeze the same queue: it opens only when both are done.</summary>
internal sealed class QueueFreezesNest : Scenario
{
    public override string Name => "queue-freezes-nest";

    public override string Description => "Two owners freeze a queue and open it again, while a user tries to enter.";

    public override string Covers => "I52";

    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        Ghost[] frozen = [stage.Ghost("first freeze has returned"), stage.Ghost("second freeze has returned")];
        foreach (Ghost mine in frozen)
        {
            stage.Thread("owner", () =>
            {
                queue.Freeze();
                mine.Set(1);
                mine.Set(0);
                queue.Unfreeze();
            });
        }
        stage.Thread("user", () =>
        {
            if (!queue.TryEnter())
                return;
            stage.Check(frozen[0].Use() == 0 && frozen[1].Use() == 0, "A request is inside a frozen queue.");
            queue.Exit();
        });
        stage.Finally(() => stage.Check(!queue.IsFrozen && queue.TryEnter(), "Nobody can enter at the end."));
    }
}
