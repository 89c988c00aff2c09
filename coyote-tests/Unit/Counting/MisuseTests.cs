using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

public sealed unsafe class MisuseTests
{
    private int _released;

    [Fact]
    public void I12_a_put_too_many_in_percpu_mode_is_reported_by_the_kill()
    {
        var reference = new PercpuRef(_ => _released++);
        reference.Put();
        reference.Put();
        Assert.False(reference.IsZero);
        InvalidOperationException thrown = AssertReported(reference.Kill);
        Assert.Contains("-2", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(0, _released);
    }

    [Fact]
    public void I12_a_put_too_many_in_atomic_mode_is_reported_at_once()
    {
        var reference = new PercpuRef(_ => _released++, PercpuRefOptions.InitAtomic);
        AssertReported(() => reference.PutMany(2));
        Assert.Equal(0, _released);
    }

    [Fact]
    public void I12_a_put_after_the_release_is_reported_and_changes_nothing()
    {
        var reference = new PercpuRef(_ => _released++, PercpuRefOptions.AllowReinit);
        reference.Kill();
        for (int i = 0; i < 3; i++)
            AssertReported(reference.Put);
        Assert.Equal(1, _released);
        Assert.Equal(0, Inside.Count(reference));
        reference.Reinit();
        reference.Kill();
        Assert.Equal(2, _released);
    }

    [Fact]
    public void I12_a_late_put_after_the_release_is_reported()
    {
        ThreadStripes.Need();
        var reference = new PercpuRef(_ => _released++);
        using var putter = new Stepper();
        putter.Do(() => { reference.Get(); reference.Put(); });
        reference.Kill();
        // A put of a reference never taken, counted in a stripe although the mode is atomic: as if it began before the kill.
        putter.Do(() =>
        {
            long stripe = (long)Inside.Stripe(reference);
            Atomic.AddLocal((long*)stripe, -1);
            AssertReported(() => Inside.PutSlow(reference, 1, stripe));
        });
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I12_a_get_that_finds_a_put_too_many_of_another_fails_and_tells_but_does_not_throw()
    {
        var reference = new PercpuRef(_ => _released++);
        reference.Get();
        reference.Put();
        reference.Put();
        using var reader = new Stepper();
        StoppedOperation get = null!;
        reader.Do(() => get = Inside.Begin(reference, 1));
        reference.Kill(); // Its scan finds one put too many and one get that will be undone: as if all were well.
        Assert.Equal(1, _released);
        reader.Do(() =>
        {
            using var events = new PercpuEvents();
            Assert.False(get.FinishTryGetLive());
            Assert.StartsWith("More references were put than taken: the count is -1;", Assert.Single(events.MisuseOfThisThread())?.ToString(), StringComparison.Ordinal);
        });
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I12_a_blind_get_after_the_release_is_reported_and_changes_nothing()
    {
        var reference = new PercpuRef(_ => _released++);
        reference.Kill();
        AssertReported(reference.Get);
        AssertReported(() => reference.GetMany(5));
        Assert.Equal(0, Inside.Count(reference));
        Assert.Equal(1, _released);
    }

    [Fact]
    public void I12_a_kill_after_the_initial_reference_was_put_to_release_throws_and_drops_nothing()
    {
        var reference = new PercpuRef(_ => _released++, PercpuRefOptions.InitAtomic);
        reference.Put();
        Assert.True(reference.IsZero);
        Assert.Throws<InvalidOperationException>(reference.Kill);
        Assert.False(reference.IsDying);
        Assert.Equal(0, Inside.Count(reference));
        reference.Reinit();
        Assert.False(reference.IsZero);
        reference.Kill();
        Assert.Equal(2, _released);
    }

    [Theory]
    [InlineData(1)] // A get, seen by the kill of the next life as one more reference.
    [InlineData(-1)] // A put, seen as one less.
    public void I12_a_misuse_undone_only_after_a_reinit_does_not_lose_the_release(int misuse)
    {
        var reference = new PercpuRef(_ => _released++, PercpuRefOptions.AllowReinit);
        reference.Kill();
        Atomic.FetchAdd(&Inside.Words(reference)->Central, CountWord.FromCount(misuse)); // The thread stops here.
        reference.Reinit();
        if (misuse > 0)
            reference.Kill();
        else
            Assert.Throws<InvalidOperationException>(reference.Kill);
        Assert.Equal(1, _released);
        Inside.UndoMisuse(reference, CountWord.FromCount(-misuse));
        Assert.Equal(2, _released);
        Assert.True(reference.Released.IsCompletedSuccessfully);
    }

    private static InvalidOperationException AssertReported(Action misuse)
    {
        using var events = new PercpuEvents();
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(misuse);
        Assert.Equal([thrown.Message], events.MisuseOfThisThread());
        return thrown;
    }
}
