namespace Percpu.Memory;

/// <summary>The checked version: real tasks, for who asks for them; no story awaits one.</summary>
internal static class Awaiting
{
    internal static async Task Until(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
    }

    internal static Task All(IEnumerable<Task> tasks) => Task.WhenAll(tasks);
}
