using System.Runtime.CompilerServices;
using Percpu.Memory;
using Percpu.Unit.Counting;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

/// <summary>What a pool takes back and when, on a set of stripes of its own.</summary>
public sealed unsafe class SlotPoolSweepTests
{
    private readonly StripeSet _stripes = new(StripeKind.Thread);
    private readonly Recording _balance = new();
    private readonly object?[] _owners = new object?[SlotRun.Slots];
    private readonly Slot[] _slots = new Slot[SlotRun.Slots];

    [Fact]
    public void I26_what_hazard_pointers_hold_of_a_slot_is_taken_away_and_told_of_that_slot_and_of_no_other()
    {
        RentAll();
        using Stepper first = new(), second = new();
        first.Do(() => Announce(0, 1));
        second.Do(() => Announce(1, SlotRun.Slots - 1));
        using var third = new Stepper();
        third.Do(() => Announce(200, 300)); // These two stay.
        Drop(0, 1, 5, 300, SlotRun.Slots - 1);
        Rent(); // No slot is free: it looks for some.
        Assert.Equal(
            new[] { (0, 1L), (1, 2L), (300, 1L), (SlotRun.Slots - 1, 1L) }.Select(each => (Name(each.Item1), each.Item2)).Order(),
            _balance.Examined.Order());
        Assert.Equal(_balance.Examined.Select(each => each.Words).Order(), _balance.Stored.Select(each => each.Words).Order());
        Assert.All(_balance.Stored, each => Assert.Equal(0, each.Sum));
        foreach (Stepper thread in (Stepper[])[first, second])
            thread.Do(() => Assert.Equal((0, 0), (*Hazard.OfAccess(PerThread.Hazards), *Hazard.OfPin(PerThread.Hazards))));
        third.Do(() => Assert.Equal((Name(200), 0), (*Hazard.OfAccess(PerThread.Hazards), *Hazard.OfPin(PerThread.Hazards))));
    }

    [Fact]
    public void I26_a_pool_sweeps_when_it_is_full_but_not_again_before_an_eighth_was_rented_since()
    {
        RentAll();
        Drop(10, 11, 12, 13);
        HashSet<long> dropped = [.. _slots[10..14].Select(slot => slot.Number)];
        List<object> kept = [];
        for (int i = 0; i < 4; i++)
            Assert.Contains(Rent(kept), dropped);
        Drop(20, 21, 22, 23);
        dropped = [.. _slots[20..24].Select(slot => slot.Number)];
        for (int i = 0; i < SlotRun.Slots; i++)
            Assert.DoesNotContain(Rent(kept), dropped); // Of a new slab.
        Collect();
        for (int i = 0; i < 4; i++)
            Assert.Contains(Rent(kept), dropped);
        GC.KeepAlive(kept);
    }

    [Fact]
    public void I26_stripes_of_epoch_domains_that_were_dropped_are_cleared_and_those_beside_them_are_not()
    {
        using var thread = new Stepper();
        thread.Do(() =>
        {
            Assert.True(_stripes.TryAttachThread());
            RentAll(_stripes.Domains, balance: null);
            foreach (Slot slot in _slots)
                Atomic.StoreLocal((long*)((PerThread.ReaderArea ^ StripeLayout.Flag) + StripeLayout.PlaceOf(slot.Number)), 7);
        });
        int[] dropped = [0, 1, 63, 64, 300, SlotRun.Slots - 1];
        Drop(dropped);
        long again = _stripes.Domains.Rent(this, balance: null).Number; // No slot is free: it looks for some.
        Assert.Contains(again, dropped.Select(index => _slots[index].Number));
        Assert.Equal(SlotRun.Slots - dropped.Length + 1, _stripes.Domains.RentedCount);
        for (int i = 0; i < SlotRun.Slots; i++)
            Assert.Equal(dropped.Contains(i) ? 0 : 7, _stripes.Sum(StripeLayout.PlaceOf(_slots[i].Number)));
    }

    [Fact]
    public void Every_call_gives_the_lock_back_and_reports_end()
    {
        SlotPool pool = _stripes.References;
        using var thread = new Stepper();
        (string Name, Action Call)[] calls =
        [
            ("Rent", RentAll),
            ("RentedCount", () => Assert.Equal(SlotRun.Slots, pool.RentedCount)),
            ("Total", () => Assert.Equal(0, pool.Total(SlotFigure.Live))),
            ("a sweep", () => { Drop(7); _balance.Dropped = new DroppedOwner(Killed: true, 987_654_321); _balance.AllKnown = false; pool.SweepInSteps(_balance); }),
            ("a report", pool.ReportDropped),
            ("RentedCount after the sweep", () => Assert.Equal(SlotRun.Slots - 1, pool.RentedCount)),
        ];
        using var events = new Support.PercpuEvents();
        foreach ((string name, Action call) in calls)
        {
            Await(name, thread.Begin(call));
            Assert.True(Hidden.IsUnlocked(pool), $"{name} has kept the lock.");
        }
        Assert.Single(events.Heard("ReferenceDropped", payload => (string?)payload[0] == "killed but held" && (long)payload[1]! == 987_654_321));
    }

    [Fact]
    public void I80_a_set_that_is_released_has_given_the_handles_of_all_its_watches_back()
    {
        SlotPool[] pools = [_stripes.References, _stripes.ReferenceLines, _stripes.Domains];
        Array.ForEach(pools, pool => pool.Rent(this, balance: null));
        Assert.All(pools, pool => Assert.Equal(1, pool.RentedCount));
        _stripes.Release();
        Assert.All(pools, pool => Assert.Throws<InvalidOperationException>(() => pool.RentedCount)); // It looks at a handle that is free.
    }

    private static void Await(string name, Task step)
    {
        Assert.True(Task.WaitAny([step], Threads.Bound) == 0, $"{name} has not ended in a minute.");
        Stepper.Finish(step);
    }

    private long Name(int index) => (long)_slots[index].Words;

    private void Announce(int visit, int pin)
    {
        Assert.True(_stripes.TryAttachThread());
        *Hazard.OfAccess(PerThread.Hazards) = Name(visit);
        *Hazard.OfPin(PerThread.Hazards) = Name(pin);
    }

    private void RentAll() => RentAll(_stripes.References, _balance);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RentAll(SlotPool pool, SlotBalance? balance)
    {
        for (int i = 0; i < _owners.Length; i++)
            _slots[i] = pool.Rent(_owners[i] = new object(), balance);
        Array.Sort(_slots, _owners, Comparer<Slot>.Create((one, other) => one.Number.CompareTo(other.Number)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Rent(List<object>? kept = null)
    {
        var owner = new object();
        kept?.Add(owner);
        return _stripes.References.Rent(owner, _balance).Number;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Drop(params int[] indexes)
    {
        Array.ForEach(indexes, index => _owners[index] = null);
        Collect();
    }

    // No owner here has a finalizer.
    private static void Collect() => GC.Collect();

    /// <summary>Of references that hazard pointers may hold.</summary>
    private sealed class Recording : SlotBalance
    {
        internal List<(long Words, long Sum)> Examined { get; } = [];

        internal List<(long Words, long Sum)> Stored { get; } = [];

        internal bool AllKnown { get; set; } = true;

        internal DroppedOwner? Dropped { get; set; }

        internal override bool IsKnown(long* words) => AllKnown;

        internal override void Store(long* words, long sum) => Stored.Add(((long)words, sum));

        internal override DroppedOwner? Examine(long* words, long sum)
        {
            Examined.Add(((long)words, sum));
            return Dropped;
        }

        internal override long* HazardOf(long* words) => words;
    }
}
