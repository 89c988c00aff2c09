using System.Diagnostics.Tracing;

namespace Percpu.Unit.Counting;

public sealed class CallbackExceptionTests
{
    private static readonly Exception Confirm = new IOException("confirm"), Release = new FormatException("release");

    [Fact]
    public void I11_when_confirm_throws_the_initial_reference_is_dropped_all_the_same()
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        Assert.Same(Confirm, Assert.Throws<IOException>(() => reference.KillAndConfirm(_ => throw Confirm)));
        Assert.Equal(1, released);
        Assert.True(reference.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void I11_when_confirm_and_release_throw_both_reach_the_caller()
    {
        var reference = new PercpuRef(_ => throw Release);
        AggregateException both = Assert.Throws<AggregateException>(() => reference.KillAndConfirm(_ => throw Confirm));
        Assert.Equal([Confirm, Release], both.InnerExceptions);
        Assert.Same(Release, reference.Released.Exception!.InnerException);
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void I11_the_same_holds_for_the_confirm_of_SwitchToAtomic()
    {
        var reference = new PercpuRef(_ => throw Release);
        reference.Put(); // The initial reference, unseen in percpu mode.
        AggregateException both = Assert.Throws<AggregateException>(() => reference.SwitchToAtomic(_ => throw Confirm));
        Assert.Equal([Confirm, Release], both.InnerExceptions);
        Assert.True(reference.IsZero);

        var held = new PercpuRef();
        Assert.Same(Confirm, Assert.Throws<IOException>(() => held.SwitchToAtomic(_ => throw Confirm)));
        Assert.False(held.IsPercpu);
        Assert.False(held.IsZero);
        held.Kill();
        Assert.True(held.IsZero);
    }

    [Fact]
    public void I11_a_cancellation_thrown_by_release_is_a_failure_not_a_cancelled_life()
    {
        var reference = new PercpuRef(_ => throw new OperationCanceledException());
        Assert.Throws<OperationCanceledException>(reference.Kill);
        Assert.True(reference.Released.IsFaulted);
        Assert.True(reference.WaitForRelease(TimeSpan.Zero));
    }

    [Fact]
    public void I11_an_exception_whose_message_throws_loses_neither_the_drop_nor_the_task()
    {
        var reference = new PercpuRef(_ => throw new Unspeakable());
        AggregateException? both = null;
        try
        {
            reference.KillAndConfirm(_ => throw new Unspeakable());
        }
        catch (AggregateException caught) // Not Assert.Throws, which reads the message.
        {
            both = caught;
        }
        Assert.True(both!.InnerExceptions.All(inner => inner is Unspeakable));
        Assert.True(reference.Released.IsFaulted);
    }

    [Fact]
    public void I11_an_exception_of_release_reaches_the_caller_of_Dispose_and_of_a_failing_TryGet()
    {
        var disposed = new PercpuRef(_ => throw Release);
        Assert.Same(Release, Assert.Throws<FormatException>(disposed.Dispose));
        Assert.True(disposed.IsZero);
        disposed.Dispose();

        var reference = new PercpuRef(_ => throw Release);
        using var reader = new Stepper();
        StoppedOperation get = reader.Do(() => Inside.Begin(reference, 1));
        reference.Kill();
        Assert.Same(Release, Assert.Throws<FormatException>(() => reader.Do(get.FinishTryGetLive)));
        Assert.True(reference.Released.IsFaulted);
        Assert.Equal(0, Inside.Count(reference));
    }

    [Fact]
    public void I11_after_a_throwing_release_the_reference_can_be_revived()
    {
        bool throws = true;
        var reference = new PercpuRef(_ => { if (throws) throw Release; }, PercpuRefOptions.AllowReinit);
        Assert.Throws<FormatException>(reference.Kill);
        reference.Reinit();
        throws = false;
        Assert.True(reference.TryGetLive());
        reference.Put();
        reference.Kill();
        Assert.True(reference.Released.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void I11_whoever_hears_of_a_release_that_threw_finds_its_task_failed(bool asked)
    {
        var told = new FormatException(Guid.NewGuid().ToString("N"));
        var reference = new PercpuRef(_ => throw told);
        Task? released = asked ? reference.Released : null;
        using var listener = new Listener(told.Message, () => (released ?? reference.Released).IsFaulted);
        Assert.Same(told, Assert.Throws<FormatException>(reference.Kill));
        Assert.Equal([true], listener.Found);
    }

    /// <summary>Asks a question whenever an event says something.</summary>
    private sealed class Listener(string said, Func<bool> ask) : EventListener
    {
        internal List<bool> Found { get; } = [];

        protected override void OnEventSourceCreated(EventSource source)
        {
            if (source.Name == "Percpu")
                EnableEvents(source, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs data)
        {
            if (data.EventName == "CallbackFailed" && data.Payload!.Contains(said))
                Found.Add(ask());
        }
    }

    private sealed class Unspeakable : Exception
    {
        public override string Message => throw new NotSupportedException();
    }
}
