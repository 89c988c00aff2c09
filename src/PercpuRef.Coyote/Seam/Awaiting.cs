using Controlled = Microsoft.Coyote.Rewriting.Types.Threading.Tasks.Task;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: an operation of its own waits.</summary>
internal static class Awaiting
{
    internal static Task Until(Func<bool> condition, CancellationToken cancellationToken) => Controlled.Run(
        () =>
        {
            var backoff = default(Backoff);
            while (!condition())
            {
                cancellationToken.ThrowIfCancellationRequested();
                backoff.Pause(cancellationToken);
            }
        },
        cancellationToken);

    internal static Task All(IEnumerable<Task> tasks)
    {
        Task[] all = [.. tasks];
        return Controlled.Run(() =>
        {
            Testing.Control.Wait(Testing.TestThread.Current, () => Array.TrueForAll(all, static task => task.IsCompleted), "the release of what is pinned");
            foreach (Task task in all)
                task.GetAwaiter().GetResult();
        });
    }
}
