using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Requests enter and leave while the queue is frozen and opened again: nobody inside meanwhile, nobody left asleep.</summary>
[Sizes(1, 2)]
internal sealed class QueueFreeze(int users) : Scenario
{
    public override string Name => $"queue-freeze-enter-{users}";

    public override string Description => $"{users} user(s) enter and leave a queue, while its owner freezes it and opens it again.";

    public override string Covers => "I52";

    public override void Arrange(Stage stage)
    {
        var queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        Ghost frozen = stage.Ghost("freeze has returned");
        for (int i = 1; i <= users; i++)
        {
            stage.Thread($"user {i}", () =>
            {
                queue.Enter();
                stage.Check(frozen.Use() == 0, "A request is inside a frozen queue.");
                queue.Exit();
            });
        }
        stage.Thread("owner", () =>
        {
            queue.Freeze();
            frozen.Set(1);
            frozen.Set(0);
            queue.Unfreeze();
        });
        stage.Finally(() =>
        {
            stage.Check(!queue.IsFrozen, "Still frozen at the end.");
            stage.Check(queue.TryEnter(), "Nobody can enter at the end.");
        });
    }
}
