namespace Percpu.Unit.Counting;

public sealed class CallbackOperationTests
{
    [Fact]
    public void Release_may_reinit_its_own_reference_and_Released_of_the_ended_life_still_completes()
    {
        int released = 0;
        Task? inside = null;
        var reference = new PercpuRef(self =>
        {
            if (++released > 3)
                return;
            self.Reinit();
            inside = self.Released;
        }, PercpuRefOptions.AllowReinit);
        for (int life = 1; life <= 3; life++)
        {
            Task ended = reference.Released;
            reference.Kill();
            Assert.Equal(life, released);
            Assert.True(ended.IsCompletedSuccessfully);
            Assert.Same(inside, reference.Released);
            Assert.False(inside!.IsCompleted);
            Assert.True(reference.TryGetLive());
            reference.Put();
        }
        reference.Kill();
        Assert.True(inside!.IsCompletedSuccessfully);
    }

    [Fact]
    public void Release_may_reinit_and_kill_again_inside_itself()
    {
        int released = 0, depth = 0;
        var reference = new PercpuRef(self =>
        {
            if (++released == 5)
                return;
            depth++;
            self.Reinit();
            self.Kill();
            depth--;
        }, PercpuRefOptions.AllowReinit);
        reference.Kill();
        Assert.Equal(5, released);
        Assert.Equal(0, depth);
        Assert.True(reference.IsZero);
        Assert.True(reference.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void Release_finds_every_other_operation_as_on_a_released_reference()
    {
        bool ran = false;
        var reference = new PercpuRef(self =>
        {
            Assert.True(self.IsZero);
            Assert.False(self.TryGet());
            Assert.False(self.TryGetLive());
            Assert.Throws<InvalidOperationException>(self.Get);
            Assert.Throws<InvalidOperationException>(self.Put);
            Assert.Throws<InvalidOperationException>(self.Kill);
            Assert.Throws<InvalidOperationException>(self.Resurrect);
            Assert.Throws<InvalidOperationException>(() => PercpuRef.KillAll([self]));
            Assert.False(self.WaitForRelease(TimeSpan.Zero));
            self.SwitchToPercpu();
            self.SwitchToAtomic();
            ran = true;
        }, PercpuRefOptions.AllowReinit);
        reference.Kill();
        Assert.True(ran);
    }

    [Fact]
    public void Release_may_kill_other_references_also_the_rest_of_its_own_batch()
    {
        int released = 0;
        var outer = new PercpuRef(_ => PercpuRef.KillAll(KillAllTests.Create(10, _ => released++)));
        outer.Kill();
        Assert.Equal(10, released);

        var last = new PercpuRef(_ => released++);
        var first = new PercpuRef(_ => Record.Exception(last.Kill));
        PercpuRef.KillAll([first, last]);
        Assert.Equal(11, released);
    }

    [Fact]
    public void Confirm_may_use_every_operation_of_its_own_reference()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, PercpuRefOptions.AllowReinit);
        reference.KillAndConfirm(self =>
        {
            Assert.Throws<InvalidOperationException>(self.Kill);
            Assert.Throws<InvalidOperationException>(self.Reinit);
            Assert.Throws<InvalidOperationException>(() => PercpuRef.KillAll([self]));
            Assert.False(self.TryGetLive());
            Assert.True(self.TryGet());
            self.Get();
            self.PutMany(2);
            Assert.False(self.WaitForRelease(TimeSpan.Zero));
            self.SwitchToAtomic();
            self.SwitchToPercpu();
            Assert.Equal(0, released);
        });
        Assert.Equal(1, released);
    }

    [Fact]
    public void A_kill_in_confirm_throws_to_the_caller_and_drops_the_initial_reference_once()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        Assert.Throws<InvalidOperationException>(() => reference.KillAndConfirm(self => self.Kill()));
        Assert.Equal(1, released);
    }

    [Fact]
    public void Confirm_may_resurrect_and_the_kill_then_drops_its_own_reference_only()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, PercpuRefOptions.AllowReinit);
        reference.KillAndConfirm(self => self.Resurrect());
        Assert.Equal(0, released);
        Assert.True(reference.IsPercpu);
        Assert.Equal(1, Inside.Count(reference));
        reference.Kill();
        Assert.Equal(1, released);
    }

    [Fact]
    public void Confirm_of_SwitchToAtomic_may_kill_and_switch_back()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, PercpuRefOptions.AllowReinit);
        reference.SwitchToAtomic(self => self.SwitchToPercpu());
        Assert.True(reference.IsPercpu);
        reference.SwitchToAtomic(self => self.Kill());
        Assert.Equal(1, released);
        Assert.True(reference.IsZero);
    }
}
