using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Memory;
using Percpu.Unit.Support;

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
            Collector.AwaitFinalizers();
            GC.Collect();
            recycled += CountExactly(options, used, round, ref onSums);
        }
        Assert.True(recycled > 1000, $"Only {recycled} slots were recycled.");
        Assert.True(onSums > 500, $"Only {onSums} had a sum left.");
        GC.KeepAlive(kept);
    }

    [Fact]
    public void I26_a_reference_on_the_slot_of_one_that_was_misused_after_its_release_counts_exactly()
    {
        ThreadStripes.Need();
        HashSet<long> used = [];
        int recycled = 0, onSums = 0;
        using var putter = new Stepper();
        for (int round = 0; round < 100 && recycled <= 500; round++)
        {
            putter.Do(() => LeaveMisused(used));
            GC.Collect();
            Collector.AwaitFinalizers();
            GC.Collect();
            recycled += CountExactly(PercpuRefOptions.None, used, round, ref onSums);
        }
        Assert.True(recycled > 500, $"Only {recycled} slots were recycled.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I26_a_pin_that_was_forgotten_does_not_count_for_the_next_reference_on_the_slot(bool madeUpFor)
    {
        Stepper[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Stepper())];
        HashSet<long> slots = [];
        foreach (Stepper thread in threads)
            thread.Do(() => Forget(slots, madeUpFor));
        GC.Collect();
        Collector.AwaitFinalizers(); // Those of the slabs kill their references.
        GC.Collect();
        List<object> kept = []; // Else the first slots would serve again and again.
        for (int i = 0; i < 100_000 && slots.Count > 0; i++)
        {
            // Both kinds have slots of one pool: scans of the second look at hazard pointers, those of the first do not.
            NativeSlab? slab = i % 3 == 0 ? null : NativeSlab.Allocate(64);
            PercpuRef reference = slab?.Reference ?? new PercpuRef(null, PercpuRefOptions.AllowReinit);
            kept.Add(slab ?? (object)reference);
            slots.Remove(Inside.Number(reference));
            Assert.Equal(1, Inside.Count(reference));
            reference.Kill();
            Assert.True(reference.IsZero);
        }
        Assert.Empty(slots);
        foreach (Stepper thread in threads)
        {
            thread.Do(() => Assert.Equal(0, *Hazard.OfPin(PerThread.Hazards))); // It can announce pins again.
            thread.Dispose();
        }
        GC.KeepAlive(kept);
    }

    [Fact]
    public void I26_a_reference_on_the_slot_of_memory_that_a_forgotten_pin_still_names_counts_exactly()
    {
        HashSet<long> named = [];
        LeaveForgotten(named);
        int recycled = 0;
        for (int round = 0; round < 100 && recycled == 0; round++)
        {
            GC.Collect();
            Collector.AwaitFinalizers();
            GC.Collect();
            for (int i = 0; i < 1000; i++)
            {
                using (var plain = new PercpuRef(null, PercpuRefOptions.AllowReinit)) // A line of its own, as what is pinned has.
                {
                    Assert.Equal(1, Inside.Count(plain));
                    plain.Kill();
                    Assert.True(plain.IsZero);
                }
                using NativeSlab pinned = NativeSlab.Allocate(8);
                recycled += named.Contains(Inside.Number(pinned.Reference)) ? 1 : 0;
                Assert.Equal(1, Inside.Count(pinned.Reference));
                pinned.Pin().Dispose();
                pinned.Dispose();
                Assert.True(pinned.Released.IsCompletedSuccessfully);
            }
        }
        Assert.True(recycled > 0, "No slot was recycled.");
    }

    [Fact]
    public void I22_threads_of_several_banks_are_all_in_the_scan_of_a_kill_and_of_a_batch()
    {
        ThreadStripes.Need();
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

    /// <summary>Drops memory that this thread has pinned and does not unpin, as it is, or released by a put instead.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(HashSet<long> slots, bool madeUpFor)
    {
        NativeSlab slab = NativeSlab.Allocate(64);
        slab.Pin().Dispose(); // A thread's first is counted: it has no hazard pointer yet.
        slab.Pin();
        Assert.Equal((long)Inside.Words(slab.Reference), *Hazard.OfPin(PerThread.Hazards));
        slots.Add(Inside.Number(slab.Reference));
        if (!madeUpFor)
            return;
        slab.Dispose();
        slab.Reference.Put();
        Assert.True(slab.Reference.IsZero);
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

    /// <summary>Leaves hazard pointers of ended threads to memory that was released all the same.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveForgotten(HashSet<long> named)
    {
        NativeSlab[] slabs = [.. Enumerable.Range(0, 8).Select(_ => NativeSlab.Allocate(8))];
        using var all = new Barrier(slabs.Length); // Alive at once: else they would have one hazard pointer after the other.
        OneThread[] threads = [.. slabs.Select(slab => Threads.Start(() =>
        {
            slab.Pin().Dispose(); // The first of a thread is counted, and gives it its hazard line.
            slab.Pin();
            Assert.True(all.SignalAndWait(Threads.Bound), "The other threads did not pin.");
        }))];
        foreach (OneThread thread in threads)
            thread.Join();
        foreach (NativeSlab slab in slabs)
        {
            slab.Dispose();
            slab.Reference.Put(); // Makes up for the pin.
            Assert.True(slab.Released.IsCompletedSuccessfully);
            named.Add(Inside.Number(slab.Reference));
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

    /// <summary>Counts with fresh references: more in some rounds than in others, else each round might rent the very slots that it rented in the
    /// one before, and those with sums go to who leaves sums.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CountExactly(PercpuRefOptions options, HashSet<long> used, int round, ref int onSums)
    {
        int recycled = 0, released = 0;
        for (int i = 1; i <= 1000 + (250 * (round % 7)); i++)
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
