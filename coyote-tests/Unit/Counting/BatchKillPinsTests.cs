using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>A batch kill finds each pin that is announced, and counts it for the memory that is pinned, wherever that stands in the batch.</summary>
public sealed class BatchKillPinsTests
{
    [Theory]
    [InlineData("m", 0)]
    [InlineData("mm", 0)]
    [InlineData("mm", 1)]
    [InlineData("rm", 1)]
    [InlineData("rrmrm", 2)]
    [InlineData("rrmrm", 4)]
    [InlineData("mrrrrrrm", 0)]
    [InlineData("mrrrrrrm", 7)]
    [InlineData("mmmrmmmr", 5)]
    public void I19_I60_of_a_batch_the_pinned_memory_alone_stays(string kinds, int pinned)
    {
        using var thread = new Stepper(); // Its hazard line is its own.
        thread.Do(() =>
        {
            for (int round = 0; round < 2; round++) // What an earlier batch has left in its arrays is not taken for this one's.
            {
                NativeSlab?[] slabs = [.. kinds.Select(kind => kind == 'm' ? NativeSlab.Allocate(64) : null)];
                PercpuRef[] references = [.. slabs.Select(slab => slab?.Reference ?? new PercpuRef())];
                NativeSlab held = slabs[pinned]!;
                held.Pin().Dispose(); // A thread's first is counted: it has no line yet.
                MappedPin pin = held.Pin();
                held.Write(8, 5L);
                PercpuRef.KillAll(references);
                for (int i = 0; i < references.Length; i++)
                    Assert.True(references[i].IsZero == (i != pinned), $"Element {i} is {references[i]}, and {pinned} is pinned.");
                Assert.Equal(5, pin.Read<long>(8));
                pin.Dispose();
                Assert.True(held.Released.IsCompletedSuccessfully);
                Array.ForEach(slabs, slab => slab?.Dispose());
            }
        });
    }

    [Fact]
    public void I19_I60_pins_of_several_threads_in_one_batch_are_each_counted_for_their_own()
    {
        NativeSlab[] slabs = [.. Enumerable.Range(0, 6).Select(_ => NativeSlab.Allocate(64))];
        bool[] leave = new bool[slabs.Length];
        int inside = 0;
        Worker[] readers = [.. Enumerable.Range(0, 3).Select(reader => new Worker(() =>
        {
            NativeSlab slab = slabs[1 + (2 * reader)];
            slab.Pin().Dispose();
            using MappedPin pin = slab.Pin();
            Interlocked.Increment(ref inside);
            Worker.AwaitTrue(() => Volatile.Read(ref leave[reader]));
        }))];
        Worker.AwaitTrue(() => Volatile.Read(ref inside) == 3);
        PercpuRef.KillAll([.. slabs.Select(slab => slab.Reference)]);
        for (int ended = 0; ended <= 3; ended++)
        {
            if (ended > 0)
            {
                Volatile.Write(ref leave[ended - 1], true);
                readers[ended - 1].Join("its pin to end");
            }
            for (int i = 0; i < slabs.Length; i++)
                Assert.True(slabs[i].Reference.IsZero == (i % 2 == 0 || i / 2 < ended), $"After {ended} pins have ended, {i} is {slabs[i]}.");
        }
        Array.ForEach(slabs, slab => slab.Dispose());
    }
}
