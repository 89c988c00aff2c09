using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Memory;

public sealed unsafe class SwitchLockTests
{
    private readonly long[] _memory = NativeBlocks.AllocatePinnedWords(8);
    private long _unguarded;

    private long* Word => Pinned.Address(_memory, 0);

    [Fact]
    public void I14_two_threads_are_never_inside_together()
    {
        const int rounds = 20_000;
        Action body = () =>
        {
            for (int i = 0; i < rounds; i++)
            {
                SwitchLock.Enter(Word);
                _unguarded++; // Lost updates show two threads inside.
                if (i % 64 == 0)
                    Thread.Yield();
                SwitchLock.Exit(Word);
            }
        };
        Threads.Run(body, body, body);
        Assert.Equal(3 * rounds, _unguarded);
        Assert.Equal(0, Atomic.LoadAcquire(Word));
    }

    [Fact]
    public void I14_a_lock_that_nobody_holds_cannot_be_given_back()
    {
        Assert.Throws<SynchronizationLockException>(() => SwitchLock.Exit(Word));
        SwitchLock.Enter(Word);
        SwitchLock.Exit(Word);
        Assert.Throws<SynchronizationLockException>(() => SwitchLock.Exit(Word));
    }

    [Fact]
    public void TryEnter_fails_while_held_and_never_waits()
    {
        Assert.True(SwitchLock.TryEnter(Word));
        Assert.False(SwitchLock.TryEnter(Word));
        SwitchLock.Exit(Word);
        Assert.True(SwitchLock.TryEnter(Word));
        SwitchLock.Exit(Word);
    }

    [Fact]
    public void Exit_wakes_a_sleeper_and_the_last_one_leaves_it_free()
    {
        SwitchLock.Enter(Word);
        int entered = 0;
        OneThread[] sleepers = [Threads.Start(Pass), Threads.Start(Pass), Threads.Start(Pass)];
        foreach (OneThread sleeper in sleepers)
            Threads.WaitUntil(() => (sleeper.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        Assert.Equal(0, entered);
        SwitchLock.Exit(Word);
        foreach (OneThread sleeper in sleepers)
            sleeper.Join();
        Assert.Equal(3, entered);
        Assert.True(SwitchLock.TryEnter(Word));

        void Pass()
        {
            SwitchLock.Enter(Word);
            entered++;
            SwitchLock.Exit(Word);
        }
    }

    [Fact]
    public void An_interrupted_thread_still_gets_the_lock_and_keeps_its_interrupt()
    {
        SwitchLock.Enter(Word);
        bool entered = false, interrupted = false;
        OneThread thread = Threads.Start(() =>
        {
            SwitchLock.Enter(Word);
            entered = true;
            SwitchLock.Exit(Word);
            try
            {
                Thread.Sleep(Timeout.Infinite);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        Threads.WaitUntil(() => (thread.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        thread.Thread.Interrupt();
        SwitchLock.Exit(Word);
        thread.Join();
        Assert.True(entered);
        Assert.True(interrupted);
    }
}
