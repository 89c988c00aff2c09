using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

public sealed unsafe class SlotPoolTests
{
    private static readonly NoBalance s_noBalance = new();

    private readonly StripeSet _stripes = new(StripeKind.Thread); // Not the process's: nobody else rents here.

    [Fact]
    public void Slots_of_live_owners_are_distinct_and_aligned_and_the_first_ones_share_no_line()
    {
        var owners = new object[3000];
        HashSet<long> numbers = [], words = [], lines = [];
        for (int i = 0; i < owners.Length; i++)
        {
            owners[i] = new object();
            Slot slot = _stripes.References.Rent(owners[i], s_noBalance);
            Assert.InRange(slot.Number, 0, (1L << 25) - 1);
            Assert.Equal(0, (long)slot.Words % 32);
            Assert.True(numbers.Add(slot.Number));
            Assert.True(words.Add((long)slot.Words));
            if (i < SlotRun.Slots / 2)
                Assert.True(lines.Add((long)slot.Words / 64)); // So long none shares its line.
        }
        GC.KeepAlive(owners);
    }

    [Fact]
    public void I25_a_slot_is_not_rented_again_while_its_owner_can_be_reached()
    {
        object[] owners = [.. Enumerable.Range(0, 600).Select(_ => new object())];
        HashSet<long> held = [.. owners.Select(owner => _stripes.References.Rent(owner, s_noBalance).Number)];
        for (int i = 0; i < 5; i++)
        {
            HashSet<long> others = [];
            Rent(2000, others);
            Assert.False(held.Overlaps(others));
            Collect();
        }
        GC.KeepAlive(owners);
    }

    [Fact]
    public void I25_a_slot_is_not_rented_again_while_only_a_finalizer_or_what_it_resurrected_reaches_its_owner()
    {
        HashSet<long> held = RentToResurrecting(300);
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            HashSet<long> others = [];
            Rent(2000, others); // Some finalizers may still wait for their turn.
            Assert.False(held.Overlaps(others));
            Collector.AwaitFinalizers();
        }
        Assert.Equal(300, Resurrecting.Alive.Count);
        Resurrecting.Alive.Clear();
        HashSet<long> again = [];
        for (int i = 0; i < 5; i++)
        {
            Collect();
            Rent(2000, again);
        }
        Assert.True(held.Overlaps(again)); // Let go of at last.
    }

    [Fact]
    public void I26_slots_of_dropped_owners_are_rented_again_and_the_pool_does_not_grow()
    {
        HashSet<long> seen = [];
        for (int i = 0; i < 5; i++)
        {
            Rent(2000, seen);
            Collect();
        }
        int before = seen.Count;
        for (int i = 0; i < 20; i++)
        {
            Rent(2000, seen);
            Collect();
        }
        Assert.InRange(seen.Count - before, 0, 512); // Without recycling it would be 40,000.
    }

    [Fact]
    public void A_recycled_reference_slot_tells_its_sum_and_a_recycled_epoch_slot_is_cleared()
    {
        using var thread = new Counting.Stepper();
        foreach (bool epochs in new[] { false, true })
        {
            SlotPool pool = epochs ? _stripes.Domains : _stripes.References;
            HashSet<long> dirty = thread.Do(() => RentDirty(pool, epochs ? null : s_noBalance));
            int recycled = 0, kept = 0;
            for (int i = 0; i < 6; i++)
            {
                Collect();
                var owners = new object[1024];
                for (int j = 0; j < owners.Length; j++)
                {
                    Slot slot = pool.Rent(owners[j] = new object(), epochs ? null : s_noBalance);
                    if (!dirty.Remove(slot.Number))
                        continue;
                    recycled++;
                    long sum = _stripes.Sum(StripeLayout.PlaceOf(slot.Number));
                    Assert.Equal(epochs ? 0 : *slot.Words, sum);
                    kept += sum == 7 ? 1 : 0;
                }
            }
            Assert.True(recycled > 400, $"Only {recycled} came back.");
            Assert.True(epochs || kept > 400 || OperatingSystem.IsLinux(), $"Only {kept} kept their sums."); // There the run is zeroed.
        }
    }

    [Fact]
    public void When_all_stripes_are_used_renting_throws_and_the_pool_still_serves_what_comes_back()
    {
        long all = StripeLayout.SlotsOf(PerProcess.BankSizes[0]);
        for (long i = 1; i < all / SlotRun.Slots; i++)
            _stripes.TakeRun(SlotKind.Count);
        HashSet<long> rented = [];
        Rent(512, rented);
        Assert.Equal(512, rented.Count);
        OutOfMemoryException thrown = Assert.ThrowsAny<OutOfMemoryException>(() => Rent(1, rented));
        Assert.Contains($"{all}", thrown.Message, StringComparison.Ordinal);
        Collect();
        Rent(100, rented);
        Assert.Equal(512, rented.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private HashSet<long> RentDirty(SlotPool pool, NoBalance? balance)
    {
        Assert.True(PerThread.Area != 0 || _stripes.TryAttachThread());
        HashSet<long> dirty = [];
        for (int i = 0; i < 512; i++)
        {
            long number = pool.Rent(new object(), balance).Number;
            Atomic.StoreLocal((long*)((PerThread.Area ^ StripeLayout.Flag) + StripeLayout.PlaceOf(number)), 7);
            dirty.Add(number);
        }
        return dirty;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Rent(int count, HashSet<long> seen)
    {
        var owners = new object[count];
        for (int i = 0; i < count; i++)
            seen.Add(_stripes.References.Rent(owners[i] = new object(), s_noBalance).Number);
        GC.KeepAlive(owners);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private HashSet<long> RentToResurrecting(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _stripes.References.Rent(new Resurrecting(), s_noBalance).Number)];

    private static void Collect()
    {
        GC.Collect();
        Collector.AwaitFinalizers();
        GC.Collect();
    }

    /// <summary>Of a layer that knows nothing: every slot that comes back is scanned, and its first word tells the sum.</summary>
    private sealed class NoBalance : SlotBalance
    {
        internal override DroppedOwner? Examine(long* words, long sum) => null;

        internal override bool IsKnown(long* words) => false;

        internal override void Store(long* words, long sum) => *words = sum;

        internal override long* HazardOf(long* words) => null;
    }

    private sealed class Resurrecting
    {
        internal static ConcurrentBag<object> Alive { get; } = [];

        ~Resurrecting() => Alive.Add(this);
    }
}
