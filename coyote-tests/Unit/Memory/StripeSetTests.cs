using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Memory;

/// <summary>On a set of its own. A thread that joins it can count nowhere else, so only threads of the test join.</summary>
public sealed unsafe class StripeSetTests
{
    private static readonly long* NoMode = (long*)1; // Which no hazard pointer names.

    private readonly StripeSet _stripes = new();

    [Fact]
    public void Sum_adds_the_stripes_of_all_threads_at_one_offset_and_wraps()
    {
        long offset = _stripes.TakeOffsets(16, readers: false);
        Assert.Equal(0, _stripes.Sum(offset, NoMode));
        using Stepper first = new(), second = new(), third = new();
        foreach ((Stepper thread, long count) in new[] { (first, long.MaxValue), (second, 5L), (third, -7L) })
        {
            thread.Do(() =>
            {
                Assert.True(_stripes.TryAttachThread());
                Add(offset, count);
                Add(offset + 8, 1);
            });
        }
        Assert.Equal(unchecked(long.MaxValue - 2), _stripes.Sum(offset, NoMode));
        second.Do(() => Add(offset, 3));
        Assert.Equal(unchecked(long.MaxValue + 1), _stripes.Sum(offset, NoMode));
        Assert.Equal(3, _stripes.Sum(offset + 8, NoMode));
        Assert.Equal(0, _stripes.Sum(offset + 16, NoMode));
    }

    [Fact]
    public void Sum_adds_one_for_each_hazard_pointer_to_the_words()
    {
        long offset = _stripes.TakeOffsets(16, readers: false);
        var words = (long*)0x1000;
        using Stepper first = new(), second = new();
        first.Do(() =>
        {
            Assert.True(_stripes.TryAttachThread());
            Add(offset, 5);
            *Hazard.OfVisit(PerThread.Area) = (long)words;
            *Hazard.OfPin(PerThread.Area) = (long)words;
        });
        second.Do(() =>
        {
            Assert.True(_stripes.TryAttachThread());
            *Hazard.OfVisit(PerThread.Area) = 0x2000;
            *Hazard.OfPin(PerThread.Area) = (long)words;
        });
        Assert.Equal(8, _stripes.Sum(offset, words));
        Assert.Equal(6, _stripes.Sum(offset, (long*)0x2000));
        Assert.Equal(5, _stripes.Sum(offset, NoMode));
    }

    [Fact]
    public void Areas_lie_above_2_to_the_31_and_are_walked_newest_first()
    {
        using Stepper first = new(), second = new();
        long one = first.Do(Attach), other = second.Do(Attach);
        Assert.True(one > int.MaxValue && other > int.MaxValue);
        Assert.Equal(other, _stripes.FirstArea);
        Assert.Equal(one, StripeSet.NextArea(other));
        Assert.Equal(0, StripeSet.NextArea(one));
        Assert.Equal(2, _stripes.AreaCount);
    }

    [Fact]
    public void I22_an_ended_threads_area_goes_to_the_next_thread_with_its_counts_but_not_its_epochs()
    {
        long counts = _stripes.TakeOffsets(8, readers: false), epochs = _stripes.TakeOffsets(8, readers: true);
        long area = 0;
        var first = new Stepper();
        first.Do(() =>
        {
            area = Attach();
            Add(counts, 5);
            Add(epochs, 17);
        });
        Assert.True(_stripes.CheckReader(area, epochs, out ThreadIdentity owner));
        Assert.Equal(first.Thread.ManagedThreadId, owner.Id);
        using (var beside = new Stepper())
            Assert.NotEqual(area, beside.Do(Attach));
        first.Dispose();

        using Stepper next = new(), another = new();
        long[] adopted = [next.Do(Attach), another.Do(Attach)];
        Assert.Contains(area, adopted);
        Assert.Equal(2, _stripes.AreaCount);
        Assert.Equal(5, _stripes.Sum(counts, NoMode));
        Assert.Equal(0, _stripes.Sum(epochs, NoMode));
    }

    [Fact]
    public void CheckReader_of_an_ended_thread_is_false_and_clears_its_epoch()
    {
        long epochs = _stripes.TakeOffsets(8, readers: true);
        long area;
        using (var thread = new Stepper())
        {
            area = thread.Do(Attach);
            thread.Do(() => Add(epochs, 3));
            Assert.Equal(3, _stripes.Sum(epochs, NoMode));
        }
        Assert.False(_stripes.CheckReader(area, epochs, out _));
        Assert.Equal(0, _stripes.Sum(epochs, NoMode));
        Assert.False(_stripes.CheckReader(12345, epochs, out _));
    }

    [Fact]
    public void I23_threads_one_after_another_share_one_area()
    {
        for (int i = 0; i < 500; i++)
            Threads.Start(() => Attach()).Join();
        Assert.Equal(1, _stripes.AreaCount);
    }

    [Fact]
    public void Offsets_grow_under_a_thread_that_is_counting_and_new_areas_reach_as_far_as_old_ones()
    {
        using Stepper early = new(), late = new();
        early.Do(Attach);
        long last = 0;
        for (int i = 0; i < 100; i++)
        {
            last = _stripes.TakeOffsets(512, readers: false) + (511 * 8);
            long offset = last;
            early.Do(() => Add(offset, 1));
        }
        late.Do(Attach);
        late.Do(() => Add(last, 1));
        Assert.Equal(2, _stripes.Sum(last, NoMode));
    }

    [Fact]
    public void When_all_offsets_are_taken_the_next_ones_throw_and_nothing_is_lost()
    {
        using var thread = new Stepper();
        thread.Do(Attach);
        int all = (int)(StripeSet.ReservedBytes / sizeof(long)) - 8;
        Assert.ThrowsAny<OutOfMemoryException>(() => _stripes.TakeOffsets(all + 1, readers: false));
        long first = _stripes.TakeOffsets(all, readers: false);
        thread.Do(() => Add(first + ((all - 1) * 8L), 9)); // The very last word of the area.
        Assert.Equal(9, _stripes.Sum(first + ((all - 1) * 8L), NoMode));
        Assert.ThrowsAny<OutOfMemoryException>(() => _stripes.TakeOffsets(1, readers: false));
    }

    private long Attach()
    {
        Assert.True(_stripes.TryAttachThread());
        return PerThread.Area;
    }

    private static void Add(long offset, long count) => Atomic.AddLocal((long*)(PerThread.Area + offset), count);
}
