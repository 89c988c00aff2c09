using System.Runtime.CompilerServices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

public sealed class HolderTrackingTests
{
    [Fact]
    public void A_reference_that_will_not_drain_tells_which_call_sites_hold_how_many()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.TrackHolders);
        Leak(reference);
        Leak(reference);
        Borrow(reference);
        LeakMany(reference);
        reference.Kill();

        var failure = Assert.Throws<ReleaseTimeoutException>(() => reference.WaitForReleaseOrThrow(TimeSpan.FromMilliseconds(1)));
        Assert.Equal([5L, 2L], failure.Holders.Select(holder => holder.Count));
        Assert.Contains(nameof(LeakMany), failure.Holders[0].CallSite, StringComparison.Ordinal);
        Assert.Contains(nameof(Leak), failure.Holders[1].CallSite, StringComparison.Ordinal);
        Assert.Contains("7 references are held", failure.Message, StringComparison.Ordinal);
        Assert.Contains("5 x ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(Borrow), failure.Message, StringComparison.Ordinal);

        reference.PutMany(7);
        reference.WaitForReleaseOrThrow(TimeSpan.Zero);
        Assert.Empty(reference.GetHolders());
    }

    [Fact]
    public void A_put_on_another_thread_is_matched_by_its_method()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.TrackHolders);
        LeakMany(reference);
        Assert.True(reference.TryGet());
        Worker.Run(() => Return(reference, take: true));
        Worker.Run(() => Return(reference, take: false));
        Assert.Equal(5, reference.GetHolders().Sum(holder => holder.Count));
        reference.PutMany(5);
    }

    [Fact]
    public void Without_tracking_the_report_says_how_to_turn_it_on()
    {
        using var reference = new PercpuRef();
        Assert.True(reference.TryGetLive());
        Assert.Contains("live", Assert.Throws<ReleaseTimeoutException>(() => reference.WaitForReleaseOrThrow(TimeSpan.Zero)).Message, StringComparison.Ordinal);
        reference.Kill();
        var failure = Assert.Throws<ReleaseTimeoutException>(() => reference.WaitForReleaseOrThrow(TimeSpan.Zero));
        Assert.Contains("1 references are held", failure.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(PercpuRefOptions.TrackHolders), failure.Message, StringComparison.Ordinal);
        Assert.Empty(failure.Holders);
        reference.Put();
        reference.WaitForReleaseOrThrow(TimeSpan.FromSeconds(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => reference.WaitForReleaseOrThrow(TimeSpan.FromSeconds(-5)));
    }

    [Fact]
    public void A_tracked_reference_stays_atomic_and_tracking_alone_allows_no_revival()
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.TrackHolders | PercpuRefOptions.AllowReinit);
        Assert.False(reference.IsPercpu);
        reference.SwitchToPercpu();
        Assert.False(reference.IsPercpu);
        reference.Kill();
        reference.Reinit();
        Assert.False(reference.IsPercpu);
        using var once = new PercpuRef(null, PercpuRefOptions.TrackHolders);
        once.Kill();
        Assert.Throws<InvalidOperationException>(once.Reinit);
    }

    [Fact]
    public void The_count_and_state_can_be_read_by_people()
    {
        using var reference = new PercpuRef();
        Assert.Equal("percpu, live, count 1", reference.ToString());
        reference.GetMany(41);
        Assert.Equal(42, reference.ApproximateCount);
        reference.Kill();
        Assert.Equal("atomic, dying, count 41", reference.ToString());
        reference.PutMany(41);
        Assert.Equal("atomic, released, count 0", reference.ToString());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leak(PercpuRef reference) => Assert.True(reference.TryGetLive());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeakMany(PercpuRef reference) => reference.GetMany(5);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Borrow(PercpuRef reference)
    {
        reference.Get();
        reference.Put();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Return(PercpuRef reference, bool take)
    {
        if (take)
            reference.Get();
        reference.Put();
    }
}
