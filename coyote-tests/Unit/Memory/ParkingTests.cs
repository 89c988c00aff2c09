using System.Reflection;
using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Memory;

public sealed unsafe class ParkingTests
{
    private readonly long[] _memory = NativeBlocks.AllocatePinnedWords(8);

    private long* Word => Pinned.Address(_memory, 0);

    [Fact]
    public void A_wait_returns_at_once_when_the_word_has_changed_already()
    {
        Atomic.StoreRelease(Word, 1);
        Parking.Wait(Word, 0);
    }

    [Fact]
    public void A_wait_ends_after_its_time_out() => Parking.Wait(Word, 0, 1);

    [Fact]
    public void A_wait_sleeps_so_that_a_pending_interrupt_meets_it()
    {
        bool met = false;
        Threads.Start(() =>
        {
            Thread.CurrentThread.Interrupt();
            try
            {
                Parking.Wait(Word, 0, 1);
            }
            catch (ThreadInterruptedException)
            {
                met = true;
            }
        }).Join();
        Assert.True(met);
    }

    [Fact]
    public void WakeAll_wakes_every_sleeper()
    {
        var sleepers = new OneThread[4];
        for (int i = 0; i < sleepers.Length; i++)
            sleepers[i] = Threads.Start(Sleep);
        foreach (OneThread sleeper in sleepers)
            WaitUntilAsleep(sleeper);
        Atomic.StoreRelease(Word, 1);
        Parking.WakeAll(Word);
        foreach (OneThread sleeper in sleepers)
            sleeper.Join();
    }

    [Fact]
    public void A_change_and_a_wake_before_the_sleep_are_not_lost()
    {
        // A ping-pong: each turn is lost for ever if one wake-up is.
        Threads.Run(() => Play(0), () => Play(1));
        Assert.Equal(2 * 5000, Atomic.LoadAcquire(Word));
    }

    [Fact]
    public void An_interrupted_thread_wakes_the_sleepers_all_the_same()
    {
        OneThread sleeper = Threads.Start(Sleep);
        WaitUntilAsleep(sleeper);
        bool stillPending = false;
        OneThread waker;
        lock (BucketOf(Word)) // So that the waker has to wait for it, which is where an interrupt strikes.
        {
            waker = Threads.Start(() =>
            {
                Thread.CurrentThread.Interrupt();
                Atomic.StoreRelease(Word, 1);
                try
                {
                    Parking.WakeAll(Word);
                    Thread.Sleep(Timeout.Infinite);
                }
                catch (ThreadInterruptedException)
                {
                    stillPending = true;
                }
            });
            Threads.WaitUntil(() => !waker.Thread.IsAlive || (waker.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        }
        waker.Join();
        sleeper.Join();
        Assert.True(stillPending);
    }

    private static object BucketOf(long* word) =>
        typeof(Parking).GetMethod("BucketOf", BindingFlags.NonPublic | BindingFlags.Static)!
            .Invoke(null, [Pointer.Box(word, typeof(long*))])!;

    private void Sleep()
    {
        while (Atomic.LoadAcquire(Word) == 0)
            Parking.Wait(Word, 0);
    }

    private static void WaitUntilAsleep(OneThread thread) =>
        Threads.WaitUntil(() => (thread.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);

    private void Play(int parity)
    {
        for (long turn = parity; turn < 2 * 5000; turn += 2)
        {
            for (long seen; (seen = Atomic.LoadAcquire(Word)) != turn;)
                Parking.Wait(Word, seen);
            Atomic.StoreRelease(Word, turn + 1);
            Parking.WakeAll(Word);
        }
    }
}
