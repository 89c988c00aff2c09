using System.Runtime.CompilerServices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

/// <summary>A reference that is dropped while something is held is reported when the collector has let go of it.</summary>
public sealed class DroppedReferenceTests
{
    [Fact]
    public void A_live_reference_that_is_dropped_is_reported_with_what_is_held()
    {
        using var events = new PercpuEvents();
        Drop(held: 7_001, kill: false);
        Collector.CollectUntil(() => Told(events, "live", 7_002)); // With the initial one.
    }

    [Fact]
    public void A_killed_reference_that_is_dropped_while_it_is_held_is_reported()
    {
        using var events = new PercpuEvents();
        Drop(held: 7_003, kill: true);
        Collector.CollectUntil(() => Told(events, "killed but held", 7_003));
    }

    [Fact]
    public void A_dropped_reference_with_a_line_of_its_own_is_reported_too()
    {
        using var events = new PercpuEvents();
        Drop(held: 7_009, kill: true, PercpuRefOptions.AllowReinit);
        Collector.CollectUntil(() => Told(events, "killed but held", 7_009));
    }

    [Fact]
    public void A_released_reference_and_one_that_a_finalizer_still_puts_are_not()
    {
        using var events = new PercpuEvents();
        Drop(held: 0, kill: true);
        DropWithFinalizer(7_005);
        Drop(held: 7_007, kill: false);
        Collector.CollectUntil(() => Told(events, "live", 7_008));
        Collector.CollectUntil(() => Volatile.Read(ref PutsLate.Done) > 0);
        Collector.CollectTwice();
        Assert.False(Told(events, "killed but held", 7_005));
        Assert.Empty(events.Heard("ReferenceDropped", payload => (string?)payload[0] == "killed but held" && (long)payload[1]! == 0));
    }

    private static bool Told(PercpuEvents events, string state, long references) =>
        events.Heard("ReferenceDropped", payload => (string?)payload[0] == state && (long)payload[1]! == references).Count == 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(long held, bool kill, PercpuRefOptions options = PercpuRefOptions.None)
    {
        var reference = new PercpuRef(options: options);
        if (held > 0)
            reference.GetMany(held);
        if (kill)
            reference.Kill();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DropWithFinalizer(long held)
    {
        var reference = new PercpuRef();
        reference.GetMany(held);
        reference.Kill();
        _ = new PutsLate(reference, held);
    }

    private sealed class PutsLate(PercpuRef reference, long held)
    {
        internal static int Done;

        ~PutsLate()
        {
            reference.PutMany(held);
            Interlocked.Increment(ref Done);
        }
    }
}
