namespace Percpu.PinThroughput.Subjects.Kill;

/// <summary>What is timed: something done once for each reference of a batch.</summary>
internal static class Ways
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
