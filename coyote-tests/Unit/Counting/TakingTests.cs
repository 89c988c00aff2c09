namespace Percpu.Unit.Counting;

/// <summary>Every way to take and to put a reference, in every state that it can be in: which are refused, what each changes.</summary>
public sealed class TakingTests
{
    private delegate bool Take(PercpuRef reference);

    // Each takes one, with what it needs of a thread. The blind ones throw where they are refused.
    private static readonly (string Name, bool NeedsLive, Take Take)[] Takes =
    [
        ("TryGet", false, each => each.TryGet()),
        ("TryGet with a thread", false, each => each.TryGet(PercpuThread.Current)),
        ("TryGet with none", false, each => each.TryGet(default(PercpuThread))),
        ("TryGetMany", false, each => each.TryGetMany(1)),
        ("TryGetLive", true, each => each.TryGetLive()),
        ("TryGetLive with a thread", true, each => each.TryGetLive(PercpuThread.Current)),
        ("TryGetLive with none", true, each => each.TryGetLive(default(PercpuThread))),
        ("TryGetLiveMany", true, each => each.TryGetLiveMany(1)),
        ("TryPin", true, each => TakesByPin(each, each.TryPin(out PercpuPin pin), pin)),
        ("TryPin with a thread", true, each => TakesByPin(each, each.TryPin(PercpuThread.Current, out PercpuPin pin), pin)),
        ("TryPin with none", true, each => TakesByPin(each, each.TryPin(default(PercpuThread), out PercpuPin pin), pin)),
        ("Pin", true, each => Runs(() => TakesByPin(each, true, each.Pin()))),
        ("Pin with a thread", true, each => Runs(() => TakesByPin(each, true, each.Pin(PercpuThread.Current)))),
        ("Get", false, each => Runs(each.Get)),
        ("Get with a thread", false, each => Runs(() => each.Get(PercpuThread.Current))),
        ("GetMany", false, each => Runs(() => each.GetMany(1))),
    ];

    private static readonly (string Name, Action<PercpuRef> Put)[] Puts =
    [
        ("Put", each => each.Put()),
        ("Put with a thread", each => each.Put(PercpuThread.Current)),
        ("Put with none", each => each.Put(default(PercpuThread))),
        ("PutMany", each => each.PutMany(1)),
    ];

    public static TheoryData<string, bool, bool> States => new()
    {
        { "live", true, true },
        { "live, atomic", true, true },
        { "live, tracked", true, true },
        { "live, switched", true, true },
        { "dying", true, false },
        { "dying, atomic", true, false },
        { "released by its kill", false, false },
        { "released without a kill", false, false },
        { "born dead", false, false },
        { "disposed", false, false },
        { "disposed and held", true, false },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void I7_I8_I9_a_reference_is_taken_where_its_state_allows_it_and_counted_once(string state, bool isHeld, bool isLive)
    {
        foreach ((string name, bool needsLive, Take take) in Takes)
        {
            foreach ((string putName, Action<PercpuRef> put) in Puts)
            {
                PercpuRef reference = In(state);
                long before = reference.ApproximateCount;
                bool expected = needsLive ? isLive : isHeld;
                Assert.True(take(reference) == expected, $"{name} of a reference that is {state}: {!expected}.");
                Assert.True(reference.ApproximateCount == before + (expected ? 1 : 0), $"{name} of a reference that is {state} has counted to {reference.ApproximateCount} from {before}.");
                if (!expected)
                    continue;
                put(reference);
                Assert.True(reference.ApproximateCount == before, $"{putName} behind {name} of a reference that is {state} leaves {reference.ApproximateCount} of {before}.");
                Assert.Equal(!isHeld, reference.IsZero);
            }
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public void I12_one_put_too_many_of_a_reference_that_nobody_holds_is_refused_by_every_put(string state, bool isHeld, bool isLive)
    {
        Assert.True(isHeld || !isLive);
        foreach ((string name, Action<PercpuRef> put) in Puts)
        {
            PercpuRef reference = In(state);
            long before = reference.ApproximateCount;
            if (isHeld)
            {
                put(reference);
                Assert.True(reference.ApproximateCount == before - 1, $"{name} has counted to {reference.ApproximateCount} from {before}.");
                continue;
            }
            Assert.Throws<InvalidOperationException>(() => put(reference));
            Assert.Equal((before, true), (reference.ApproximateCount, reference.IsZero));
        }
    }

    private static PercpuRef In(string state)
    {
        PercpuRefOptions options = state.Contains("atomic", StringComparison.Ordinal) ? PercpuRefOptions.InitAtomic
            : state.Contains("tracked", StringComparison.Ordinal) ? PercpuRefOptions.TrackHolders
            : state == "born dead" ? PercpuRefOptions.InitDead : PercpuRefOptions.AllowReinit;
        var reference = new PercpuRef(null, options);
        switch (state)
        {
            case "live, switched":
                reference.SwitchToAtomic();
                reference.SwitchToPercpu();
                break;
            case "dying" or "dying, atomic":
                reference.GetMany(2);
                reference.Kill();
                break;
            case "released by its kill":
                reference.Kill();
                break;
            case "released without a kill":
                reference.SwitchToAtomic();
                reference.Put();
                break;
            case "disposed":
                reference.Dispose();
                break;
            case "disposed and held":
                reference.GetMany(2);
                reference.Dispose();
                break;
        }
        return reference;
    }

    // A pin of its frame alone: what it has taken is put by the test, so it takes another and gives its own back.
    private static bool TakesByPin(PercpuRef reference, bool taken, PercpuPin pin)
    {
        Assert.Equal(taken, pin.IsHeld);
        if (taken)
            reference.Get();
        pin.Dispose();
        return taken;
    }

    private static bool Runs(Action take)
    {
        try
        {
            take();
            return true;
        }
        catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }
}
