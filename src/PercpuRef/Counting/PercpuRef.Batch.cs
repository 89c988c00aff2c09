using System.Buffers;
using Percpu.Memory;

namespace Percpu;

// Killing many references for one process-wide fence.
public sealed unsafe partial class PercpuRef
{
    /// <summary>Kills all <paramref name="references"/> for the price of one process-wide fence.</summary>
    /// <param name="references">Live references, each once. May be empty.</param>
    /// <exception cref="ArgumentNullException">An element is null. Nothing was changed.</exception>
    /// <exception cref="ArgumentException">An element stands there twice. Nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">An element was killed, released or disposed before: nothing was
    /// changed. Or another thread killed one during the call: every other element is killed.</exception>
    /// <exception cref="AggregateException">More than one of these: a release callback threw, or another thread killed an
    /// element during the call. Every reference is killed all the same.</exception>
    /// <remarks>For each element as <see cref="Kill"/>. An element that another thread is just switching splits the
    /// batch: what is locked is finished first, so crossing batches cannot deadlock, for one more fence. No equivalent
    /// in the kernel.</remarks>
    public static void KillAll(ReadOnlySpan<PercpuRef> references)
    {
        if (references.IsEmpty)
            return;
        PercpuRef?[] batch = ArrayPool<PercpuRef?>.Shared.Rent(references.Length);
        Failures failures = default;
        BatchScan scan = default;
        int lost = 0;
        try
        {
            references.CopyTo(batch!);
            Span<PercpuRef?> all = batch.AsSpan(0, references.Length);
            CheckKillable(all);
            scan = new BatchScan(all.Length);
            int first = 0;
            for (int i = 0; i < all.Length; i++)
            {
                if (WordLock.TryEnter(&all[i]!._words->State))
                    continue;
                lost += KillLocked(all[first..i], ref scan, ref failures);
                WordLock.Enter(&all[i]!._words->State);
                first = i;
            }
            lost += KillLocked(all[first..], ref scan, ref failures);
        }
        finally
        {
            scan.Dispose();
            GiveBack(batch, clear: true);
        }
        for (; lost > 0; lost--)
            failures.Add(new InvalidOperationException("Another thread killed an element during the call. Every other element was killed by this one."));
        failures.ThrowIfAny();
    }

    private static void CheckKillable(ReadOnlySpan<PercpuRef?> references)
    {
        long[] seen = ArrayPool<long>.Shared.Rent(references.Length);
        try
        {
            for (int i = 0; i < references.Length; i++)
            {
                PercpuRef reference = references[i] ?? throw new ArgumentNullException(nameof(references), $"Element {i} is null.");
                if (reference.Has(RefWords.Disposed))
                    throw new ObjectDisposedException(nameof(PercpuRef), $"Element {i} was disposed.");
                if (!reference.IsKillable)
                    reference.CheckKillable($"Element {i}");
                seen[i] = (long)reference._words;
            }
            Span<long> sorted = seen.AsSpan(0, references.Length);
            sorted.Sort();
            for (int i = 1; i < sorted.Length; i++)
            {
                if (sorted[i] == sorted[i - 1])
                    throw new ArgumentException(DescribeDuplicate(references, sorted[i]), nameof(references));
            }
        }
        finally
        {
            GiveBack(seen, clear: false);
        }
    }

    private static string DescribeDuplicate(ReadOnlySpan<PercpuRef?> references, long words)
    {
        int first = -1;
        for (int i = 0; i < references.Length; i++)
        {
            if ((long)references[i]!._words != words)
                continue;
            if (first >= 0)
                return $"Elements {first} and {i} are the same reference.";
            first = i;
        }
        return "An element stands there twice.";
    }

    // The pool has locks of its own. An interrupt that meets one must not hide what the callbacks threw; the array goes to the collector.
    private static void GiveBack<T>(T[] array, bool clear)
    {
        try
        {
            ArrayPool<T>.Shared.Return(array, clear);
        }
        catch (ThreadInterruptedException interrupted)
        {
            Waiter.Postpone(interrupted);
        }
    }

    /// <summary>The kill of references whose switch locks this thread holds; the steps are those of a single one. Returns
    /// how many another thread had killed. Throws nothing: the caller has more to kill.</summary>
    private static int KillLocked(Span<PercpuRef?> batch, ref BatchScan scan, ref Failures failures)
    {
        long start = PercpuMeter.StartKill();
        bool fence = false, announced = false;
        int lost = 0;
        foreach (ref PercpuRef? reference in batch)
        {
            // No exception and no allocation from here to the last exit: a lock would stay held for ever.
            if (!reference!.IsKillable)
            {
                reference.ExitSwitch();
                reference = null;
                lost++;
                continue;
            }
            reference.MarkDead();
            fence |= reference.TryEnterAtomicMode();
            announced |= reference.HasAlways(RefWords.CanBeAnnounced);
        }
        if (fence)
            FenceCounts(announced); // Once for the whole batch.
        scan.Clear();
        foreach (PercpuRef? reference in batch)
        {
            if (reference?.IsUnconfirmed == true)
                scan.Add((long*)reference._words, reference.Number, reference.PublishUnknown(), reference.HasAlways(RefWords.CanBeAnnounced));
        }
        scan.Run(); // After the last bound is unknown.
        int scanned = 0;
        foreach (PercpuRef? reference in batch)
        {
            if (reference is null)
                continue;
            if (scan.IsOf(scanned, (long*)reference._words))
            {
                reference.LowerBound(CountWord.FromCount(scan.SumAt(scanned)), scan.PhaseAt(scanned));
                scanned++;
            }
            reference.ExitSwitch();
        }
        PercpuMeter.Killed(start, batch.Length - lost);
        foreach (PercpuRef? reference in batch)
        {
            try
            {
                reference?.TellKilled();
                reference?.PutCentral(1);
            }
            catch (Exception exception)
            {
                failures.Add(exception);
            }
        }
        return lost;
    }
}
