namespace Percpu.PinThroughput.Measuring;

/// <summary>One way of doing a workload's operation, with what its threads share.</summary>
internal abstract class Subject(string id) : IDisposable
{
    internal string Id { get; } = id;

    /// <summary>Whether its measured path allocates by nature.</summary>
    internal virtual bool MayAllocate => false;

    /// <summary>A row to be for each of these thread counts.</summary>
    internal virtual IEnumerable<Entry> CreateEntries(IReadOnlyList<int> threads)
    {
        Loop[] loops = [.. Enumerable.Range(0, threads.Max()).Select(CreateLoop)];
        return threads.Select(count => new LocalEntry(this, loops, count));
    }

    /// <summary>The part of one thread, 0 or above.</summary>
    internal virtual Loop CreateLoop(int thread) => throw new NotSupportedException("It runs in another process.");

    /// <summary>Checks, after all rounds, that everything taken was given back.</summary>
    /// <exception cref="CheckFailedException">It was not.</exception>
    internal virtual void CheckBalance()
    {
    }

    public void Dispose() => Free();

    /// <summary>Gives back what the threads shared; also after a failed check.</summary>
    protected virtual void Free()
    {
    }

    protected void Check(bool holds, string otherwise)
    {
        if (!holds)
            throw new CheckFailedException($"{Id}: {otherwise}");
    }
}
