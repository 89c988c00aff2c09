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
    public void A_put_is_matched_by_method_and_thread_then_by_method_then_by_thread_then_with_the_latest()
    {
        // Each step is a method, on this thread or another; the numbers say how many it takes in one line, in another line, and puts.
        Action<PercpuRef> here10 = r => One(r, 10, 0, 0), two20 = r => Two(r, 20, 0), put = r => One(r, 0, 0, 1), other = r => Two(r, 0, 1), neither = r => Three(r, 1);
        Action<PercpuRef> Elsewhere(Action<PercpuRef> step) => r => Worker.Run(() => step(r));
        Assert.Equal([30, 20, 9], Left(here10, Elsewhere(r => One(r, 0, 30, 0)), two20, put));
        Assert.Equal([30, 20, 9], Left(r => One(r, 0, 30, 0), here10, two20, put));
        Assert.Equal([20, 9], Left(Elsewhere(here10), two20, put));
        Assert.Equal([19, 10], Left(Elsewhere(here10), two20, other));
        Assert.Equal([20, 9], Left(here10, Elsewhere(two20), neither));
        Assert.Equal([19, 10], Left(Elsewhere(here10), Elsewhere(two20), neither));
        Assert.Equal([20, 5], Left(here10, two20, here10, r => One(r, 0, 0, 15)));
        Assert.Equal([1], Left(here10, two20, r => One(r, 0, 0, 29)));
        Assert.Empty(Left(here10, two20, r => One(r, 0, 0, 30)));
    }

    private static long[] Left(params Action<PercpuRef>[] steps)
    {
        var reference = new PercpuRef(null, PercpuRefOptions.TrackHolders);
        Array.ForEach(steps, step => step(reference));
        return [.. reference.GetHolders().Select(holder => holder.Count)];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void One(PercpuRef reference, long take, long takeInAnotherLine, long put)
    {
        if (take > 0)
            reference.GetMany(take);
        if (takeInAnotherLine > 0)
            reference.GetMany(takeInAnotherLine);
        if (put > 0)
            reference.PutMany(put);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Two(PercpuRef reference, long take, long put)
    {
        if (take > 0)
            reference.GetMany(take);
        if (put > 0)
            reference.PutMany(put);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Three(PercpuRef reference, long put) => reference.PutMany(put);

    [Fact]
    public void A_put_that_nothing_matches_is_nobodys_and_leaves_no_holder()
    {
        var table = new HolderTable();
        table.Put(3);
        Assert.Empty(table.Report());
        table.Took(2);
        table.Put(5);
        Assert.Empty(table.Report());
        table.Took(2);
        Assert.Equal([2L], table.Report().Select(holder => holder.Count));
    }

    [Fact]
    public void Without_tracking_the_report_says_how_to_turn_it_on()
    {
        using var reference = new PercpuRef();
        Assert.True(reference.TryGetLive());
        Assert.Contains("live", Assert.Throws<ReleaseTimeoutException>(() => reference.WaitForReleaseOrThrow(TimeSpan.Zero)).Message, StringComparison.Ordinal);
        reference.Kill();
        var failure = Assert.Throws<ReleaseTimeoutException>(() => reference.WaitForReleaseOrThrow(TimeSpan.Zero));
        Assert.Contains("1 reference is held", failure.Message, StringComparison.Ordinal);
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

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public void A_message_names_ten_call_sites_and_says_how_many_more_there_are(int sites)
    {
        using var reference = new PercpuRef(null, PercpuRefOptions.TrackHolders);
        TakeAt(reference, sites);
        reference.Kill();
        var failure = Assert.Throws<ReleaseTimeoutException>(() => reference.WaitForReleaseOrThrow(TimeSpan.Zero));
        Assert.Equal(sites, failure.Holders.Count);
        string[] expected = [.. failure.Holders.Take(10).Select(holder => $"  {holder}"), .. sites > 10 ? [$"  and {sites - 10} more call sites"] : Array.Empty<string>()];
        Assert.Equal(expected, failure.Message.Split(Environment.NewLine)[1..]);
        reference.PutMany(sites);
        Assert.True(reference.IsZero);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    private static void TakeAt(PercpuRef reference, int sites)
    {
        reference.Get();
        reference.Get();
        reference.Get();
        reference.Get();
        reference.Get();
        reference.Get();
        reference.Get();
        reference.Get();
        reference.Get();
        if (sites > 9)
            reference.Get();
        if (sites > 10)
            reference.Get();
        if (sites > 11)
            reference.Get();
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
