using Percpu.Memory;

namespace Percpu.Unit.Counting;

public sealed unsafe class KillAllThreadsTests
{
    [Fact]
    public void I14_crossing_batch_kills_end_and_kill_each_element_once()
    {
        for (int round = 0; round < 150; round++)
        {
            int released = 0;
            PercpuRef[] references = KillAllTests.Create(16, _ => Interlocked.Increment(ref released));
            PercpuRef[] reversed = [.. references.Reverse()];
            Threads.Run(() => KillAllOrLose(references), () => KillAllOrLose(reversed));
            Assert.All(references, reference => Assert.True(reference.IsZero));
            Assert.Equal(16, released);
        }
    }

    [Fact]
    public void I14_a_batch_kill_finishes_what_it_holds_before_it_waits_for_a_busy_element()
    {
        PercpuRef[] references = KillAllTests.Create(3, null);
        long* busy = &Inside.Words(references[1])->State;
        WordLock.Enter(busy);
        using var killer = new Stepper();
        Task kill = killer.Begin(() => PercpuRef.KillAll(references));

        Threads.WaitUntil(() => (Atomic.LoadAcquire(busy) & WordLock.Mask) == 2); // The killer sleeps.
        Assert.True(references[0].IsZero);
        Assert.False(references[1].IsDying);
        Assert.False(references[2].IsDying);
        Assert.False(Inside.IsSwitchLocked(references[0]));
        WordLock.Exit(busy);
        Stepper.Finish(kill);

        Assert.True(references[1].IsZero);
        Assert.True(references[2].IsZero);
    }

    [Fact]
    public void I13_an_element_killed_by_another_thread_meanwhile_is_reported_and_the_others_are_killed()
    {
        int released = 0;
        PercpuRef[] references = KillAllTests.Create(4, _ => Interlocked.Increment(ref released));
        long* busy = &Inside.Words(references[0])->State;
        WordLock.Enter(busy);
        using var killer = new Stepper();
        Task kill = killer.Begin(() => PercpuRef.KillAll(references));
        Threads.WaitUntil(() => (Atomic.LoadAcquire(busy) & WordLock.Mask) == 2);
        references[1].Kill();
        references[3].Dispose();
        WordLock.Exit(busy);

        AggregateException lost = Assert.Throws<AggregateException>(() => Stepper.Finish(kill));

        Assert.Equal(2, lost.InnerExceptions.Count);
        Assert.All(lost.InnerExceptions, inner => Assert.IsType<InvalidOperationException>(inner));
        Assert.Equal(4, released);
        Assert.All(references, reference => Assert.False(Inside.IsSwitchLocked(reference)));
    }

    [Theory]
    [InlineData(1, 1, -1)]
    [InlineData(3, 3, -1)]
    [InlineData(1, 2, 4)] // Some before the second element that is busy, and some behind it.
    public void I13_each_element_that_was_lost_is_reported_wherever_the_batch_had_to_wait(int first, int second, int third)
    {
        PercpuRef[] references = KillAllTests.Create(5, null);
        long* busy = &Inside.Words(references[0])->State, later = &Inside.Words(references[2])->State;
        WordLock.Enter(busy);
        using var killer = new Stepper();
        Task kill = killer.Begin(() => PercpuRef.KillAll(references));
        Threads.WaitUntil(() => (Atomic.LoadAcquire(busy) & WordLock.Mask) == 2);
        foreach (int lost in new HashSet<int> { first, second, third }.Where(lost => lost >= 0))
            references[lost].Kill();
        WordLock.Enter(later);
        WordLock.Exit(busy);
        Threads.WaitUntil(() => (Atomic.LoadAcquire(later) & WordLock.Mask) == 2);
        WordLock.Exit(later);
        if (first == second)
        {
            Assert.Throws<InvalidOperationException>(() => Stepper.Finish(kill));
        }
        else
        {
            AggregateException all = Assert.Throws<AggregateException>(() => Stepper.Finish(kill));
            Assert.Equal(3, all.InnerExceptions.Count);
        }
        Assert.All(references, reference => Assert.True(reference.IsZero && !Inside.IsSwitchLocked(reference)));
    }

    [Fact]
    public void I7_after_a_batch_kill_no_reader_gets_any_element()
    {
        for (int round = 0; round < 60; round++)
        {
            PercpuRef[] references = KillAllTests.Create(8, null);
            bool killed = false, late = false;
            Threads.Run(
                () =>
                {
                    PercpuRef.KillAll(references);
                    Volatile.Write(ref killed, true);
                },
                () =>
                {
                    for (bool last = false; !last;)
                    {
                        last = Volatile.Read(ref killed);
                        foreach (PercpuRef reference in references)
                        {
                            if (!reference.TryGetLive())
                                continue;
                            late |= last;
                            reference.Put();
                        }
                    }
                });
            Assert.False(late);
            Assert.All(references, reference => Assert.True(reference.IsZero));
        }
    }

    private static void KillAllOrLose(PercpuRef[] references)
    {
        try
        {
            PercpuRef.KillAll(references);
        }
        catch (InvalidOperationException)
        {
            // The other thread was faster with one, or before this batch began.
        }
        catch (AggregateException all)
        {
            Assert.All(all.InnerExceptions, inner => Assert.IsType<InvalidOperationException>(inner));
        }
    }
}
