using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Memory;

/// <summary>On a set of its own. A thread that joins it can count nowhere else, so only threads of the test join.</summary>
public sealed unsafe class StripeSetTests
{
    private readonly StripeSet _stripes = new(StripeKind.Thread);

    [Fact]
    public void Sum_adds_the_stripes_of_all_threads_at_one_place_and_wraps()
    {
        long place = TakePlace(), next = place + 8;
        Assert.Equal(0, _stripes.Sum(place));
        using Stepper first = new(), second = new(), third = new();
        foreach ((Stepper thread, long count) in new[] { (first, long.MaxValue), (second, 5L), (third, -7L) })
        {
            thread.Do(() =>
            {
                Attach();
                Add(place, count);
                Add(next, 1);
            });
        }
        Assert.Equal(unchecked(long.MaxValue - 2), _stripes.Sum(place));
        second.Do(() => Add(place, 3));
        Assert.Equal(unchecked(long.MaxValue + 1), _stripes.Sum(place));
        Assert.Equal(3, _stripes.Sum(next));
        Assert.Equal(0, _stripes.Sum(next + 8));
        long[] sums = [10, 20, 30];
        _stripes.AddCounts([next + 8, place, next], sums);
        Assert.Equal([10, unchecked(long.MaxValue + 21), 33], sums);
    }

    [Fact]
    public void CountHazards_counts_the_pointers_that_hold_a_name_and_AddHazards_those_of_many()
    {
        using Stepper first = new(), second = new();
        first.Do(() =>
        {
            Attach();
            *Hazard.OfAccess(PerThread.Hazards) = 0x1000;
            *Hazard.OfPin(PerThread.Hazards) = 0x1000;
        });
        second.Do(() =>
        {
            Attach();
            *Hazard.OfAccess(PerThread.Hazards) = 0x2000;
            *Hazard.OfPin(PerThread.Hazards) = 0x1000;
        });
        Assert.Equal(3, _stripes.CountHazards((long*)0x1000));
        Assert.Equal(1, _stripes.CountHazards((long*)0x2000));
        Assert.Equal(0, _stripes.CountHazards((long*)0x3000));
        long[] sums = [5, 6, 7, 8];
        _stripes.AddHazards([0x1000, 0x2000, 0x3000], [3, 1, 0], sums);
        Assert.Equal([5, 7, 7, 11], sums);
    }

    [Fact]
    public void Areas_and_hazard_lines_lie_side_by_side_and_no_two_threads_share_a_line()
    {
        using Stepper first = new(), second = new();
        (long one, long hazards) = first.Do(AttachBoth);
        (long other, long otherHazards) = second.Do(AttachBoth);
        Assert.Equal((_stripes.AreaAt(0), _stripes.HazardsAt(0)), (one, hazards));
        Assert.Equal((_stripes.AreaAt(1), _stripes.HazardsAt(1)), (other, otherHazards));
        Assert.True(one > int.MaxValue);
        Assert.Equal(0, one % 4096);
        Assert.Equal(0, other % 4096); // At the head of another row: of a page, too.
        Assert.Equal(64 * (4096 + 64), other - one);
        Assert.Equal(64 * 64, otherHazards - hazards);
        List<long> areas = [];
        for (int i = 0; i < PerProcess.BankThreads; i++)
            areas.Add(StripeLayout.PositionOf(i));
        Assert.Equal(Enumerable.Range(0, PerProcess.BankThreads).Select(i => (long)i), areas.Order());
        Assert.Equal(2, _stripes.AreaCount);
    }

    [Fact]
    public void I22_an_ended_threads_area_goes_to_the_next_thread_with_its_counts_but_not_its_epochs()
    {
        long counts = TakePlace(), epochs = TakePlace(SlotKind.Readers);
        long area = 0;
        var first = new Stepper();
        first.Do(() =>
        {
            area = Attach();
            Add(counts, 5);
            Add(epochs, 17);
        });
        Assert.True(_stripes.CheckReader(0, epochs, out ThreadIdentity owner));
        Assert.Equal(first.Thread.ManagedThreadId, owner.Id);
        using (var beside = new Stepper())
            Assert.NotEqual(area, beside.Do(Attach));
        first.Dispose();

        using Stepper next = new(), another = new();
        long[] adopted = [next.Do(Attach), another.Do(Attach)];
        Assert.Contains(area, adopted);
        Assert.Equal(2, _stripes.AreaCount);
        Assert.Equal(5, _stripes.Sum(counts));
        Assert.Equal(0, _stripes.Sum(epochs));
    }

    [Fact]
    public void CheckReader_of_an_ended_thread_is_false_and_clears_its_epoch()
    {
        long epochs = TakePlace(SlotKind.Readers);
        using (var thread = new Stepper())
        {
            thread.Do(Attach);
            thread.Do(() => Add(epochs, 3));
            Assert.Equal(3, _stripes.Sum(epochs));
        }
        Assert.False(_stripes.CheckReader(0, epochs, out _));
        Assert.Equal(0, _stripes.Sum(epochs));
    }

    [Fact]
    public void I23_threads_one_after_another_share_one_area()
    {
        for (int i = 0; i < 500; i++)
            Threads.Start(() => Attach()).Join();
        Assert.Equal(1, _stripes.AreaCount);
    }

    [Fact]
    public void Stripes_grow_under_a_thread_that_is_counting_and_new_areas_reach_as_far_as_old_ones()
    {
        using Stepper early = new(), late = new();
        early.Do(Attach);
        long last = 0;
        for (int i = 0; i < 100; i++)
        {
            long place = last = TakePlace(SlotKind.Count, 511);
            early.Do(() => Add(place, 1));
        }
        late.Do(Attach);
        late.Do(() => Add(last, 1));
        Assert.Equal(2, _stripes.Sum(last));
    }

    [Fact]
    public void When_all_stripes_are_taken_the_next_ones_throw_and_nothing_is_lost()
    {
        using var thread = new Stepper();
        thread.Do(Attach);
        long all = StripeLayout.SlotsOf(PerProcess.BankSizes[0]), last = 0;
        for (long i = 0; i < all / StripeLayout.RunSlots; i++)
            last = TakePlace(SlotKind.Count, 511);
        thread.Do(() => Add(last, 9)); // The very last word of the area.
        Assert.Equal(9, _stripes.Sum(last));
        OutOfMemoryException thrown = Assert.ThrowsAny<OutOfMemoryException>(() => _stripes.TakeRun(SlotKind.Count));
        Assert.Contains($"{all}", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(9, _stripes.Sum(last));
    }

    [Fact]
    public void A_zeroed_run_is_zero_for_all_threads_and_its_neighbours_are_as_they_were()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Elsewhere a run is scanned.");
        long before = TakePlace(SlotKind.Count, 511), within = TakePlace(), after = TakePlace();
        Stepper[] threads = [new(), new(), new()];
        foreach (Stepper thread in threads)
        {
            thread.Do(Attach);
            thread.Do(() =>
            {
                Add(before, 1);
                Add(within, 10);
                Add(after, 100);
            });
        }
        Assert.True(_stripes.TryZeroRun(1, SlotKind.Count));
        Assert.Equal((3, 0, 300), (_stripes.Sum(before), _stripes.Sum(within), _stripes.Sum(after)));
        threads[0].Do(() => Add(within, 7));
        Assert.Equal(7, _stripes.Sum(within));
        Array.ForEach(threads, thread => thread.Dispose());
    }

    private long TakePlace(SlotKind kind = SlotKind.Count, int slot = 1) =>
        StripeLayout.BytesOf(_stripes.TakeRun(kind)) + StripeLayout.IndexOf(slot) * sizeof(long);

    private long Attach() => AttachBoth().Area;

    private (long Area, long Hazards) AttachBoth()
    {
        Assert.True(_stripes.TryAttachThread());
        return (PerThread.Area ^ StripeLayout.Flag, PerThread.Hazards);
    }

    private static void Add(long place, long count) => Atomic.AddLocal((long*)((PerThread.Area ^ StripeLayout.Flag) + place), count);
}
