namespace Percpu.Unit.Counting;

public sealed class KillTests
{
    [Fact]
    public void I7_confirm_runs_when_no_TryGetLive_succeeds_and_before_the_initial_reference_is_dropped()
    {
        List<string> order = [];
        var reference = new PercpuRef(_ => order.Add("release"));
        reference.KillAndConfirm(self =>
        {
            Assert.Same(reference, self);
            Assert.False(self.TryGetLive());
            Threads.Start(() => Assert.False(self.TryGetLive())).Join();
            Assert.True(self.IsDying);
            Assert.False(self.IsZero);
            Assert.True(self.TryGet()); // The initial reference is still there.
            self.Put();
            order.Add("confirm");
        });
        Assert.Equal(["confirm", "release"], order);
    }

    [Fact]
    public void I7_a_TryGetLive_begun_before_the_kill_fails_after_it()
    {
        var reference = new PercpuRef();
        using var reader = new Stepper();
        StoppedOperation get = reader.Do(() => Inside.Begin(reference, 1));
        reference.Kill();
        Assert.False(reader.Do(get.FinishTryGetLive));
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void I7_no_TryGetLive_on_any_thread_succeeds_after_a_kill_has_returned()
    {
        for (int round = 0; round < 200; round++)
        {
            var reference = new PercpuRef();
            bool killed = false, late = false;
            Action read = () =>
            {
                for (bool last = false; !last;)
                {
                    last = Volatile.Read(ref killed);
                    if (!reference.TryGetLive())
                        continue;
                    late |= last;
                    reference.Put();
                }
            };
            Threads.Run(read, () =>
            {
                reference.Kill();
                Volatile.Write(ref killed, true);
            });
            Assert.False(late);
            Assert.True(reference.IsZero);
        }
    }

    [Fact]
    public void I8_TryGet_succeeds_on_a_dying_reference_until_it_is_released_then_never()
    {
        var reference = new PercpuRef();
        reference.Get();
        reference.Kill();
        Assert.True(reference.TryGet());
        Threads.Start(() => Assert.True(reference.TryGet())).Join();
        Assert.False(reference.TryGetLive());
        reference.PutMany(2);
        Assert.True(reference.TryGet());
        reference.PutMany(2);
        Assert.False(reference.TryGet());
        Assert.False(reference.TryGetMany(4));
        Threads.Start(() => Assert.False(reference.TryGet())).Join();
    }

    [Fact]
    public void I9_a_get_is_legal_on_a_dying_reference_while_one_is_held()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        reference.Get();
        reference.Kill();
        reference.Get();
        reference.GetMany(10);
        reference.PutMany(11);
        Assert.Equal(0, released);
        reference.Put();
        Assert.Equal(1, released);
    }

    [Fact]
    public void I13_a_second_kill_throws_and_drops_nothing()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        reference.Get();
        reference.Kill();
        Assert.Throws<InvalidOperationException>(reference.Kill);
        bool confirmed = false;
        Assert.Throws<InvalidOperationException>(() => reference.KillAndConfirm(_ => confirmed = true));
        Assert.False(confirmed);
        Assert.Equal(1, Inside.Count(reference));
        reference.Put();
        Assert.Throws<InvalidOperationException>(reference.Kill);
        Assert.Equal(1, released);
    }

    [Fact]
    public void I13_of_kills_on_several_threads_one_wins_and_the_others_drop_nothing()
    {
        for (int round = 0; round < 200; round++)
        {
            int killed = 0, released = 0;
            var reference = new PercpuRef(_ => Interlocked.Increment(ref released));
            reference.Get();
            Action kill = () =>
            {
                if (Record.Exception(reference.Kill) is not { } lost)
                    Interlocked.Increment(ref killed);
                else
                    Assert.IsType<InvalidOperationException>(lost);
            };
            Threads.Run(kill, kill, kill);
            Assert.Equal(1, killed);
            Assert.Equal(0, released);
            reference.Put();
            Assert.Equal(1, released);
        }
    }
}
