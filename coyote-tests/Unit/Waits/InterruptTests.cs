using Percpu.Unit.Support;

namespace Percpu.Unit.Waits;

/// <summary>Every wait of docs/waits.md, interrupted before it begins and while it lasts.</summary>
public sealed class InterruptTests
{
    public static TheoryData<string, bool> Postponed => Cases(WaitCase.Postponed.Keys);

    public static TheoryData<string, bool> Ended => Cases(WaitCase.Ended.Keys);

    public static TheoryData<string> EndedCalls => [.. WaitCase.Ended.Keys];

    [Theory]
    [MemberData(nameof(Postponed))]
    public void I70_a_wait_in_the_middle_of_a_change_goes_on_and_hands_the_interrupt_on_when_it_ends(string call, bool before)
    {
        WaitCase wait = WaitCase.Postponed[call]();
        bool pending = false;
        Exception? thrown = null;
        var worker = new Worker(() =>
        {
            if (before)
                Thread.CurrentThread.Interrupt();
            thrown = Caught.By(wait.Wait);
            pending = Caught.By(static () => Thread.Sleep(1)) is ThreadInterruptedException;
        });
        AwaitSleep(worker.Thread);
        if (!before)
            worker.Thread.Interrupt();
        Assert.False(worker.Thread.Join(50)); // Time for a wait that gives up to show itself.
        wait.LetGo();
        worker.Join();
        Assert.Null(thrown);
        Assert.True(pending, "The interrupt was lost.");
        wait.Done();
    }

    [Theory]
    [MemberData(nameof(Ended))]
    public void I70_a_wait_that_was_asked_for_ends_and_nothing_has_changed(string call, bool before)
    {
        WaitCase wait = WaitCase.Ended[call]();
        Exception? thrown = null;
        var worker = new Worker(() =>
        {
            if (before)
                Thread.CurrentThread.Interrupt();
            thrown = Caught.By(wait.Wait);
        });
        if (!before)
        {
            AwaitSleep(worker.Thread);
            worker.Thread.Interrupt();
        }
        worker.Join();
        Assert.IsType<ThreadInterruptedException>(thrown);
        wait.LetGo();
        wait.Done();
    }

    [Theory]
    [MemberData(nameof(EndedCalls))]
    public void A_wait_that_nobody_interrupts_returns(string call)
    {
        WaitCase wait = WaitCase.Ended[call]();
        var worker = new Worker(wait.Wait);
        AwaitSleep(worker.Thread);
        wait.LetGo();
        worker.Join();
        wait.Done();
    }

    [Fact]
    public void I70_an_interrupted_Barrier_tells_what_callbacks_threw_that_it_ran()
    {
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        ParkedReader? second = null;
        var failure = new FormatException();
        var first = new ParkedReader(domain);
        domain.Retire(() =>
        {
            second = new ParkedReader(domain); // Holds up what comes next.
            throw failure;
        });
        domain.Reclaim(); // A grace period of its own.
        bool reclaimed = false;
        domain.Retire(() => reclaimed = true);
        Exception? thrown = null;
        var worker = new Worker(() => thrown = Caught.By(domain.Barrier));
        first.Leave();
        Worker.AwaitTrue(() => Volatile.Read(ref second) is not null);
        worker.Thread.Interrupt();
        worker.Join();
        // In a list, or, had the interrupt come later than the readers left, alone.
        Assert.Same(failure, Assert.IsType<AggregateException>(thrown).InnerExceptions[0]);
        Assert.IsType<ThreadInterruptedException>(((AggregateException)thrown).InnerExceptions[^1]);
        Assert.False(reclaimed);
        second!.Leave();
        domain.Barrier();
        Assert.True(reclaimed);
    }

    [Fact]
    public void I70_a_callback_that_interrupts_the_reclaimer_ends_neither_it_nor_the_process()
    {
        using var domain = new EpochDomain();
        using var ran = new ManualResetEventSlim();
        domain.Retire(static () => Thread.CurrentThread.Interrupt());
        ParkedReader reader = new(domain);
        domain.Retire(ran.Set); // Waits, so the reclaimer sleeps.
        reader.Leave();
        Worker.Await(ran);
    }

    private static void AwaitSleep(Thread thread) => Worker.AwaitTrue(() => (thread.ThreadState & ThreadState.WaitSleepJoin) != 0);

    private static TheoryData<string, bool> Cases(IEnumerable<string> calls)
    {
        var cases = new TheoryData<string, bool>();
        foreach (string call in calls)
        {
            cases.Add(call, true);
            cases.Add(call, false);
        }
        return cases;
    }
}
