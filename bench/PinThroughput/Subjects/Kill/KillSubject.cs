using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Kill;

/// <summary>Thread 0 kills batches of references while the other threads pin the references of the batch in turns.</summary>
internal sealed class KillSubject(string id, Action<PercpuRef[]> way, bool kills) : Subject(id)
{
    internal const int BatchSize = 1000;

    private PercpuRef[] _batch = [];

    /// <summary>Set where each kill is timed by itself: how one is done.</summary>
    internal Action<PercpuRef>? TimedOne { get; init; }

    internal override bool MayAllocate => true;

    /// <summary>What the other threads pin: the references that are killed next.</summary>
    internal PercpuRef[] Batch => Volatile.Read(ref _batch);

    internal override Loop CreateLoop(int thread) => thread != 0 ? new DisturbLoop(this)
        : TimedOne is { } one ? new TimedKillLoop(this, one)
        : new KillLoop(this);

    /// <summary>Creates a batch; not timed.</summary>
    internal void NextBatch()
    {
        if (!kills && _batch.Length != 0)
            return;
        var batch = new PercpuRef[BatchSize];
        for (int i = 0; i < batch.Length; i++)
            batch[i] = new PercpuRef();
        Volatile.Write(ref _batch, batch);
    }

    internal void Act() => way(_batch);

    /// <summary>Whoever holds a reference still drops it at once, so that each is released within a moment.</summary>
    internal void CheckReleased()
    {
        if (!kills)
            return;
        foreach (PercpuRef reference in _batch)
            Check(reference.IsDying && reference.WaitForRelease(TimeSpan.FromSeconds(10)), "a killed reference was not released.");
    }

    internal override void CheckBalance()
    {
        if (kills)
            return;
        PercpuRef.KillAll(_batch);
        foreach (PercpuRef reference in _batch)
            Check(reference.IsZero, "the count is not zero after the kill.");
    }
}
