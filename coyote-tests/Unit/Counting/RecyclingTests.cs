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
        int recycled = 0, onSums = 0;
        // Slots come back only when no free one is left, and tests beside this one may have left many.
        for (int round = 0; round < 100 && (recycled <= 1000 || onSums <= 500); round++)
        {
            LeaveSums(used);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            recycled += CountExactly(options, used, ref onSums);
        }
        Assert.True(recycled > 1000, $"Only {recycled} slots were recycled.");
        Assert.True(onSums > 500, $"Only {onSums} had a sum left.");
    }

    /// <summary>Drops references of every kind: held, put too often, killed in mid-use.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveSums(HashSet<long> used)
    {
        PercpuRef[] references = KillAllTests.Create(1500, null);
        Threads.Start(() =>
        {
            foreach (PercpuRef reference in references)
                reference.GetMany(1L << 38);
        }).Join();
        for (int i = 0; i < references.Length; i++)
        {
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
