using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class CallbackFailureTests
{
    private static readonly EpochDomainOptions HostDriven = new() { BackgroundReclaim = false };

    [Fact]
    public void I36_an_exception_in_one_callback_does_not_lose_the_others()
    {
        using var domain = new EpochDomain(HostDriven);
        var ran = new List<int>();
        var failure = new InvalidOperationException("the third");
        for (int i = 0; i < 6; i++)
        {
            int number = i;
            domain.Retire(() =>
            {
                ran.Add(number);
                if (number == 3)
                    throw failure;
            });
        }

        Assert.Same(failure, Assert.Throws<InvalidOperationException>(domain.Barrier));
        Assert.Equal([0, 1, 2, 3, 4, 5], ran);
        domain.Barrier(); // It is told once.
        Assert.Equal(6, ran.Count);
    }

    [Fact]
    public void I36_several_exceptions_come_together()
    {
        using var domain = new EpochDomain(HostDriven);
        bool last = false;
        domain.Retire(() => throw new InvalidOperationException("one"));
        domain.Retire(() => throw new FormatException("two"));
        domain.Retire(() => last = true);

        var exception = Assert.Throws<AggregateException>(() => domain.Reclaim());
        Assert.Equal(["one", "two"], exception.InnerExceptions.Select(each => each.Message));
        Assert.True(last);
        Assert.Equal(0, domain.Reclaim());
    }

    [Fact]
    public void I36_Dispose_runs_all_that_was_retired_and_throws_what_they_threw()
    {
        var domain = new EpochDomain(HostDriven);
        bool last = false;
        domain.Retire(() => throw new FormatException());
        domain.Retire(() => last = true);

        Assert.Throws<FormatException>(domain.Dispose);
        Assert.True(last);
        domain.Dispose();
        Assert.Throws<ObjectDisposedException>(() => domain.Enter());
    }

    [Fact]
    public void I36_on_the_background_thread_an_exception_becomes_an_event_and_the_thread_goes_on()
    {
        using var events = new PercpuEvents();
        using var domain = new EpochDomain();
        string message = Guid.NewGuid().ToString("N");
        using var ran = new ManualResetEventSlim();
        domain.Retire(() => throw new FormatException(message));
        domain.Retire(ran.Set);

        Worker.Await(ran);
        Worker.AwaitTrue(() => events.Heard("CallbackFailed", payload => (string?)payload[2] == message).Count == 1);
        Assert.Equal(["Reclaim", nameof(FormatException), message], events.Heard("CallbackFailed", payload => (string?)payload[2] == message)[0]);
    }

    [Fact]
    public void I36_an_exception_whose_message_throws_loses_nothing_either()
    {
        using var events = new PercpuEvents(); // Somebody must be listening, or nobody asks for the message.
        using var domain = new EpochDomain(HostDriven);
        bool last = false;
        domain.Retire(() => throw new RudeException());
        domain.Retire(() => last = true);

        Assert.IsType<RudeException>(Caught.By(domain.Barrier));
        Assert.True(last);
        domain.Barrier(); // The thread does not pass for one that is inside a callback.
    }

    [Fact]
    public void I11_a_release_callback_whose_exception_has_a_message_that_throws_completes_the_life()
    {
        using var reference = new PercpuRef(_ => throw new RudeException());

        Assert.IsType<RudeException>(Caught.By(reference.Kill));
        Assert.True(reference.IsZero);
        Assert.IsType<RudeException>(reference.Released.Exception?.InnerException);
    }

    [Fact]
    public void I36_Barrier_waits_for_a_callback_that_is_running_elsewhere()
    {
        using var domain = new EpochDomain();
        using var running = new ManualResetEventSlim();
        using var finish = new ManualResetEventSlim();
        bool finished = false;
        domain.Retire(() =>
        {
            running.Set();
            Worker.Await(finish);
            Volatile.Write(ref finished, true);
        });
        Worker.Await(running);
        using var waiter = new Worker(() =>
        {
            domain.Barrier();
            Assert.True(Volatile.Read(ref finished));
        });
        Thread.Sleep(20); // Time for a barrier that does not wait to show itself.
        finish.Set();
    }

    [Fact]
    public void I36_after_Barrier_everything_has_run_that_any_thread_retired_before()
    {
        using var domain = new EpochDomain();
        for (int round = 0; round < 50; round++)
        {
            int ran = 0;
            void Retire()
            {
                for (int i = 0; i < 50; i++)
                    domain.Retire(() => Interlocked.Increment(ref ran));
            }
            using (new Worker(Retire))
                Retire();
            domain.Barrier();
            Assert.Equal(100, ran);
        }
    }

    private sealed class RudeException : Exception
    {
        public override string Message => throw new FormatException("no message for you");
    }
}
