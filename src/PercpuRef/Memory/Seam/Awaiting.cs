namespace Percpu.Memory;

/// <summary>Waits that hold no thread.</summary>
internal static class Awaiting
{
    /// <summary>Completes when the condition, looked at every millisecond, holds.</summary>
    internal static async Task Until(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes when all have completed.</summary>
    internal static Task All(IEnumerable<Task> tasks) => Task.WhenAll(tasks);
}
