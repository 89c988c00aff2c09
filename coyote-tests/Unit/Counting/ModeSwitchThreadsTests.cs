using Percpu.Memory;

namespace Percpu.Unit.Counting;

public sealed unsafe class ModeSwitchThreadsTests
{
    [Theory]
    [InlineData("Kill")]
    [InlineData("SwitchToAtomic")]
    [InlineData("SwitchToPercpu")]
    [InlineData("Dispose")]
    public void I14_a_switch_waits_for_another_switch_and_gets_and_puts_wait_for_neither(string operation)
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        long* busy = &Inside.Words(reference)->State;
        WordLock.Enter(busy); // As a thread in the middle of a switch.
        using var switcher = new Stepper();
        Task step = switcher.Begin(operation switch
        {
            "Kill" => reference.Kill,
            "SwitchToAtomic" => () => reference.SwitchToAtomic(),
            "SwitchToPercpu" => reference.SwitchToPercpu,
            _ => reference.Dispose,
        });
        Threads.WaitUntil(() => (Atomic.LoadAcquire(busy) & WordLock.Mask) == 2);
        Assert.True(reference.IsPercpu);
        Assert.False(reference.IsDying);
        Assert.True(reference.TryGetLive());
        reference.Get();
        reference.PutMany(2);
        WordLock.Exit(busy);
        Stepper.Finish(step);
        Assert.Equal(operation == "SwitchToPercpu", reference.IsPercpu);
    }

    [Fact]
    public void I14_no_callback_runs_under_the_exclusion()
    {
        var reference = new PercpuRef(
            self => Threads.Start(() => self.SwitchToAtomic()).Join(), PercpuRefOptions.AllowReinit);
        reference.SwitchToAtomic(self => Threads.Start(self.SwitchToPercpu).Join());
        Assert.True(reference.IsPercpu);
        reference.KillAndConfirm(self => Threads.Start(() => self.SwitchToAtomic()).Join());
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void I14_kill_and_resurrect_under_a_depth_counter_cannot_swap()
    {
        // The kernel's blk_mq_freeze_queue and its unfreeze: whoever comes first kills, whoever leaves last resurrects.
        using var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        reference.Get(); // Someone holds the queue all the time, so that the last to leave can always resurrect.
        var gate = new Lock();
        int depth = 0;
        Action freezer = () =>
        {
            for (int i = 0; i < 1500; i++)
            {
                lock (gate)
                {
                    if (depth++ == 0)
                        reference.Kill();
                }
                Assert.False(reference.TryGetLive());
                lock (gate)
                {
                    if (--depth == 0)
                        reference.Resurrect();
                }
            }
        };
        Threads.Run(freezer, freezer, () =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (reference.TryGet())
                    reference.Put();
            }
        });
        Assert.False(reference.IsDying);
        Assert.True(reference.IsPercpu);
        Assert.Equal(2, Inside.Count(reference));
        reference.Put();
    }

    [Fact]
    public void I17_TryGet_and_TryGetLive_may_run_beside_reinit_and_resurrect()
    {
        int released = 0, lives = 0;
        var reference = new PercpuRef(_ => Interlocked.Increment(ref released), PercpuRefOptions.InitDead);
        bool stop = false;
        Action read = () =>
        {
            while (!Volatile.Read(ref stop))
            {
                if (reference.TryGetLive())
                    reference.Put();
                if (reference.TryGet())
                    reference.Put();
            }
        };
        Threads.Run(read, () =>
        {
            for (int i = 0; i < 3000; i++)
            {
                reference.Reinit();
                lives++;
                reference.Get();
                reference.Kill();
                reference.Resurrect();
                reference.Kill();
                reference.Put();
                Assert.True(reference.WaitForRelease(Threads.Bound));
            }
            Volatile.Write(ref stop, true);
        });
        Assert.Equal(lives, released);
        Assert.Equal(0, Inside.Count(reference));
    }
}
