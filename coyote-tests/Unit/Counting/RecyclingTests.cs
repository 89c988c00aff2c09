using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Unit.Counting;

public sealed unsafe class RecyclingTests
{
    [Theory]
    [InlineData(PercpuRefOptions.None)]
    [InlineData(PercpuRefOptions.InitAtomic)]
    [InlineData(PercpuRefOptions.InitDead)]
    public void I26_a_reference_on_a_recycled_slot_counts_as_exactly_as_a_fresh_one(PercpuRefOptions options)
    {
        HashSet<long> used = [];
        List<PercpuRef> kept = []; // Some of each run: else it would be zeroed as a whole.
        int recycled = 0, onSums = 0;
        // Slots come back only when no free one is left, and tests beside this one may have left many.
        for (int round = 0; round < 100 && (recycled <= 1000 || onSums <= 500); round++)
        {
            // Of the same kind: those that may come to atomic mode and back have slots of their own.
            LeaveSums(used, options == PercpuRefOptions.None ? options : PercpuRefOptions.AllowReinit, kept);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            recycled += CountExactly(options, used, ref onSums);
        }
        Assert.True(recycled > 1000, $"Only {recycled} slots were recycled.");
        Assert.True(onSums > 500, $"Only {onSums} had a sum left.");
        GC.KeepAlive(kept);
    }

    [Fact]
    public void I26_a_reference_on_the_slot_of_one_that_was_misused_after_its_release_counts_exactly()
    {
        HashSet<long> used = [];
        int recycled = 0, onSums = 0;
        using var putter = new Stepper();
        for (int round = 0; round < 100 && recycled <= 500; round++)
        {
            putter.Do(() => LeaveMisused(used));
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            recycled += CountExactly(PercpuRefOptions.None, used, ref onSums);
        }
        Assert.True(recycled > 500, $"Only {recycled} slots were recycled.");
    }

    [Fact]
    public void I22_threads_of_several_banks_are_all_in_the_scan_of_a_kill_and_of_a_batch()
    {
        const int count = PerProcess.BankThreads + 20;
        int released = 0;
        PercpuRef[] references = KillAllTests.Create(5, _ => released++);
        using var counted = new CountdownEvent(count);
        using var go = new ManualResetEventSlim();
        var threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            threads[i] = new Thread(() =>
            {
                foreach (PercpuRef reference in references)
                    reference.GetMany(3);
                counted.Signal();
                go.Wait(Threads.Bound, TestContext.Current.CancellationToken);
            }, 128 << 10) { IsBackground = true };
            threads[i].Start();
        }
        Assert.True(counted.Wait(Threads.Bound, TestContext.Current.CancellationToken), "The threads did not count.");
        Assert.True(PerProcess.Stripes.AreaCount >= count, $"{PerProcess.Stripes.AreaCount} areas.");
        references[0].Kill();
        PercpuRef.KillAll(references.AsSpan(1));
        Assert.All(references, reference => Assert.Equal(3 * count, Inside.Count(reference)));
        foreach (PercpuRef reference in references)
            reference.PutMany((3 * count) - 1);
        Assert.Equal(0, released);
        foreach (PercpuRef reference in references)
            reference.Put();
        Assert.Equal(references.Length, released);
        go.Set();
        foreach (Thread thread in threads)
            Assert.True(thread.Join(Threads.Bound), "A thread did not end.");
    }

    /// <summary>Puts once more into the stripe after the release, as a put would that began before the kill.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveMisused(HashSet<long> used)
    {
        foreach (PercpuRef reference in KillAllTests.Create(1000, null))
        {
            reference.Get();
            reference.Put();
            reference.Kill();
            used.Add(Inside.Number(reference));
            long* stripe = Inside.Stripe(reference);
            Atomic.AddLocal(stripe, -1);
            Assert.Throws<InvalidOperationException>(() => Inside.PutSlow(reference, 1, (long)stripe));
        }
    }

    /// <summary>Drops references of every kind: held, put too often, killed in mid-use.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveSums(HashSet<long> used, PercpuRefOptions options, List<PercpuRef> kept)
    {
        PercpuRef[] references = [.. Enumerable.Range(0, 1500).Select(_ => new PercpuRef(null, options))];
        Threads.Start(() =>
        {
            foreach (PercpuRef reference in references)
                reference.GetMany(1L << 38);
        }).Join();
        for (int i = 0; i < references.Length; i++)
        {
            if (i % 100 == 50)
                kept.Add(references[i]);
            else
                used.Add(Inside.Number(references[i]));
            references[i].PutMany(1 + (i % 7));
            if (i % 3 == 0)
                references[i].Kill();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CountExactly(PercpuRefOptions options, HashSet<long> used, ref int onSums)
    {
        int recycled = 0, released = 0;
        for (int i = 1; i <= 1000; i++)
        {
            var reference = new PercpuRef(_ => released++, options);
            recycled += used.Add(Inside.Number(reference)) ? 0 : 1;
            onSums += PerProcess.Stripes.Sum(Inside.Place(reference)) != 0 ? 1 : 0;
            if (options == PercpuRefOptions.InitDead)
            {
                Assert.True(reference.IsZero);
                Assert.Equal(0, Inside.Count(reference));
                Assert.False(reference.TryGet());
                reference.Reinit();
            }
            Assert.Equal(1, Inside.Count(reference));
            Assert.Equal(options != PercpuRefOptions.InitAtomic, reference.IsPercpu);
            reference.GetMany(5);
            reference.Kill();
            reference.PutMany(4);
            Assert.Equal(i - 1, released);
            reference.Put();
            Assert.Equal(i, released);
        }
        return recycled;
    }
}
