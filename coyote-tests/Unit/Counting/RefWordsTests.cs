using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>What operations leave in the words of a reference. A lock or a count that stays behind is seen before anybody waits for it.</summary>
public sealed unsafe class RefWordsTests
{
    private static readonly Action<PercpuRef>[] FastOperations =
    [
        reference => reference.Get(),
        reference => reference.Put(),
        reference => reference.Get(PercpuThread.Current),
        reference => reference.Put(PercpuThread.Current),
        reference => Assert.True(reference.TryGet()),
        reference => Assert.True(reference.TryGet(PercpuThread.Current)),
        reference => Assert.True(reference.TryGetLive()),
        reference => Assert.True(reference.TryGetLive(PercpuThread.Current)),
        reference => reference.PutMany(4),
        reference => reference.GetMany(2),
        reference => Assert.True(reference.TryGetMany(2)),
        reference => Assert.True(reference.TryGetLiveMany(2)),
        reference => reference.PutMany(6),
        reference => reference.Pin().Dispose(),
        reference => reference.Pin(PercpuThread.Current).Dispose(),
    ];

    [Fact]
    public void I14_every_switch_gives_its_lock_back_also_one_that_is_refused()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        var other = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        var never = new PercpuRef();
        (string Name, Action Call)[] calls =
        [
            ("SwitchToPercpu of one that has one life", () => Assert.Throws<InvalidOperationException>(never.SwitchToPercpu)),
            ("Reinit of one that has one life", () => Assert.Throws<InvalidOperationException>(never.Reinit)),
            ("Resurrect of one that has one life", () => Assert.Throws<InvalidOperationException>(never.Resurrect)),
            ("SwitchToAtomic", () => reference.SwitchToAtomic()),
            ("SwitchToPercpu", reference.SwitchToPercpu),
            ("Reinit of a live one", () => Assert.Throws<InvalidOperationException>(reference.Reinit)),
            ("Get and Kill", () => { reference.Get(); reference.Kill(); }),
            ("a second Kill", () => Assert.Throws<InvalidOperationException>(reference.Kill)),
            ("a second TryKill", () => Assert.False(reference.TryKill())),
            ("KillAll of a dying one", () => Assert.Throws<InvalidOperationException>(() => PercpuRef.KillAll([reference, other]))),
            ("SwitchToPercpu of a dying one", reference.SwitchToPercpu),
            ("Resurrect", reference.Resurrect),
            ("KillAndConfirm", () => reference.KillAndConfirm(static _ => { })),
            ("TakeKillBack", reference.TakeKillBack),
            ("TryKill", () => Assert.True(reference.TryKill())),
            ("the last Put", reference.Put),
            ("Resurrect of a released one", () => Assert.Throws<InvalidOperationException>(reference.Resurrect)),
            ("Reinit", reference.Reinit),
            ("KillAll", () => PercpuRef.KillAll([reference, other, never])),
            ("Dispose", reference.Dispose),
            ("a second Dispose", reference.Dispose),
            ("Kill of a disposed one", () => Assert.Throws<ObjectDisposedException>(reference.Kill)),
            ("SwitchToAtomic of a disposed one", () => Assert.Throws<ObjectDisposedException>(() => reference.SwitchToAtomic())),
            ("Reinit of a disposed one", () => Assert.Throws<ObjectDisposedException>(reference.Reinit)),
        ];
        foreach ((string name, Action call) in calls)
        {
            call();
            Assert.False(Inside.IsSwitchLocked(reference) || Inside.IsSwitchLocked(other) || Inside.IsSwitchLocked(never), $"{name} has kept a lock of the switches.");
        }
    }

    [Fact]
    public void I26_every_settle_counts_itself_out_again()
    {
        long inCallback = -1;
        var reference = new PercpuRef(self => inCallback = Inside.Words(self)->Settlers, PercpuRefOptions.AllowReinit);
        (string Name, Action Call)[] calls =
        [
            ("SwitchToAtomic", () => reference.SwitchToAtomic()),
            ("a kill of a held one", () => { reference.Get(); reference.Kill(); }),
            ("the last Put", reference.Put),
            ("a put too many", () => Assert.Throws<InvalidOperationException>(reference.Put)),
            ("a failing TryGet", () => Assert.False(reference.TryGet())),
            ("a kill that releases", () => { reference.Reinit(); reference.Kill(); }),
        ];
        foreach ((string name, Action call) in calls)
        {
            call();
            Assert.True(Inside.Words(reference)->Settlers == 0, $"{Inside.Words(reference)->Settlers} settles seem to run after {name}.");
        }
        Assert.Equal(0, inCallback);
    }

    [Theory]
    [InlineData(PercpuRefOptions.None)]
    [InlineData(PercpuRefOptions.AllowReinit)]
    public void What_meets_no_switch_touches_its_stripe_and_no_word_of_the_reference(PercpuRefOptions options)
    {
        ThreadStripes.Need();
        var reference = new PercpuRef(null, options);
        reference.Get();
        reference.Put(); // A thread's first has no stripe yet.
        RefWords* words = Inside.Words(reference);
        // As in a phase in which scans may conclude: whoever goes the slow way now leaves what its scan finds.
        Atomic.StoreRelease(&words->Bound, CountWord.Unknown | CountWord.Phase(Atomic.LoadAcquire(&words->Central)));
        long before = words->Central, bound = words->Bound, state = words->State;
        for (int i = 0; i < FastOperations.Length; i++)
        {
            FastOperations[i](reference);
            Assert.True((before, bound, state) == (words->Central, words->Bound, words->State), $"Operation {i} has gone the slow way.");
        }
        Assert.Equal(1, Inside.Count(reference));
        Atomic.StoreRelease(&words->Bound, CountWord.Unconfirmed | CountWord.Phase(before));
        GC.KeepAlive(reference);
    }
}
