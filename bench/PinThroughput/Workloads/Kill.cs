using System.Diagnostics;
using System.Globalization;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class KillWorkload : Workload
{
    internal override string Id => "kill";

    internal override string Operation => "kill one reference, by one thread, while the other threads pin";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "fence";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "kill-all-1000", "fence"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref", "kill-all-1000"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new(
        [
            new KillSubject("percpu-ref", KillWays.KillEach, kills: true),
            new KillSubject("kill-all-1000", KillWays.KillAll, kills: true),
            new KillSubject("fence", KillWays.Fence, kills: false),
        ]);
}

internal sealed class KillBatchWorkload : Workload
{
    private const string Batch = "batch";

    private static readonly string[] Sizes = ["1", "10", "100", "1000"];

    internal override string Id => "kill-batch";

    internal override string Operation => "kill one reference in a KillAll of so many, by one thread, while the other threads pin";

    internal override string Yardstick => "kill-all";

    internal override IReadOnlyList<string> SubjectIds => ["kill-all"];

    internal override IReadOnlyList<string> OwnIds => ["kill-all"];

    internal override bool IsCompared => false; // It has nothing to be related to; kill compares KillAll of 1,000.

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [.. Sizes.Select(batch => new Dictionary<string, string> { [Batch] = batch })];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int size = int.Parse(parameters[Batch], CultureInfo.InvariantCulture);
        return new WorkloadInstance([new KillSubject("kill-all", batch => KillWays.KillInSlices(batch, size), kills: true)]);
    }
}

internal sealed class KillLatencyWorkload : Workload
{
    internal override string Id => "kill-latency";

    internal override string Operation => "kill one reference, timed by itself, by one thread, while the other threads pin";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "fence"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override bool IsCompared => false;

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new(
        [
            new KillSubject("percpu-ref", KillWays.KillEach, kills: true) { TimedOne = static reference => reference.Kill() },
            new KillSubject("fence", KillWays.Fence, kills: false) { TimedOne = static _ => Interlocked.MemoryBarrierProcessWide() },
        ]);
}

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

/// <summary>Kills batch after batch; only the killing is timed.</summary>
internal sealed class KillLoop(KillSubject subject) : Loop
{
    internal override Tally Run(long duration)
    {
        long begin = Stopwatch.GetTimestamp();
        long ticks = 0, operations = 0;
        do
        {
            subject.NextBatch();
            long start = Stopwatch.GetTimestamp();
            subject.Act();
            ticks += Stopwatch.GetTimestamp() - start;
            operations += KillSubject.BatchSize;
            subject.CheckReleased();
        }
        while (Stopwatch.GetTimestamp() - begin < duration);
        return new Tally(operations, ticks, 0);
    }
}

/// <summary>Kills batch after batch; looks at the clock before and after every kill.</summary>
internal sealed class TimedKillLoop(KillSubject subject, Action<PercpuRef> one) : Loop
{
    internal override LatencyHistogram Latency { get; } = new();

    internal override Tally Run(long duration)
    {
        long begin = Stopwatch.GetTimestamp(), ticks = 0, operations = 0;
        do
        {
            subject.NextBatch();
            foreach (PercpuRef reference in subject.Batch)
            {
                long start = Stopwatch.GetTimestamp();
                one(reference);
                long took = Stopwatch.GetTimestamp() - start;
                Latency.Record(took);
                ticks += took;
            }
            operations += KillSubject.BatchSize;
            subject.CheckReleased();
        }
        while (Stopwatch.GetTimestamp() - begin < duration);
        return new Tally(operations, ticks, 0);
    }
}

/// <summary>Pins the references that are being killed; is not counted.</summary>
internal sealed class DisturbLoop(KillSubject subject) : Loop
{
    internal override Tally Run(long duration)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            foreach (PercpuRef reference in subject.Batch)
            {
                if (reference.TryGetLive())
                    reference.Put();
            }
        }
        while (Stopwatch.GetTimestamp() - start < duration);
        return default;
    }
}

/// <summary>What is timed: something done once for each reference of a batch.</summary>
internal static class KillWays
{
    internal static void KillEach(PercpuRef[] batch)
    {
        foreach (PercpuRef reference in batch)
            reference.Kill();
    }

    internal static void KillAll(PercpuRef[] batch) => PercpuRef.KillAll(batch);

    internal static void KillInSlices(ReadOnlySpan<PercpuRef> batch, int size)
    {
        for (int i = 0; i < batch.Length; i += size)
            PercpuRef.KillAll(batch[i..Math.Min(i + size, batch.Length)]);
    }

    /// <summary>No kill at all: the fence alone, which no kill can do without.</summary>
    internal static void Fence(PercpuRef[] batch)
    {
        for (int i = 0; i < batch.Length; i++)
            Interlocked.MemoryBarrierProcessWide();
    }
}
