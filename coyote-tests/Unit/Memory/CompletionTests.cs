using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Memory;

public sealed class CompletionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_outcome_shows_in_the_task_asked_for_before_and_after(bool before)
    {
        foreach (TaskStatus outcome in new[] { TaskStatus.RanToCompletion, TaskStatus.Faulted, TaskStatus.Canceled })
        {
            var completion = new Completion();
            Task? early = before ? completion.Task : null;
            Assert.False(completion.IsCompleted);
            Complete(completion, outcome);
            Assert.True(completion.IsCompleted);
            Assert.Equal(outcome == TaskStatus.Canceled, completion.IsCancelled);
            Assert.Equal(outcome, completion.Task.Status);
            Assert.True(early is null || early == completion.Task);
            Assert.True(completion.Wait(TimeSpan.Zero));
        }
    }

    [Fact]
    public void The_first_outcome_stays()
    {
        foreach (TaskStatus outcome in new[] { TaskStatus.RanToCompletion, TaskStatus.Faulted, TaskStatus.Canceled })
        {
            var completion = new Completion();
            Complete(completion, outcome);
            Complete(completion, TaskStatus.Faulted);
            Complete(completion, TaskStatus.Canceled);
            Complete(completion, TaskStatus.RanToCompletion);
            Assert.Equal(outcome, completion.Task.Status);
        }
        Assert.True(Success().Task.IsCompletedSuccessfully); // What they share is unharmed.
    }

    [Fact]
    public void A_wait_ends_with_its_time_out_or_with_any_outcome()
    {
        foreach (TaskStatus outcome in new[] { TaskStatus.RanToCompletion, TaskStatus.Faulted, TaskStatus.Canceled })
        {
            var completion = new Completion();
            Assert.False(completion.Wait(TimeSpan.FromMilliseconds(1)));
            using Stepper first = new(), second = new();
            Task[] waits = [first.Begin(Wait), second.Begin(Wait)];
            Complete(completion, outcome);
            Array.ForEach(waits, Stepper.Finish);

            void Wait() => Assert.True(completion.Wait(Timeout.InfiniteTimeSpan));
        }
    }

    [Fact]
    public void Completing_successfully_and_cancelling_allocate_nothing()
    {
        var completions = new Completion[2000];
        for (int i = 0; i < completions.Length; i++)
            completions[i] = new Completion();
        Success();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < completions.Length; i += 2)
        {
            completions[i].Succeed();
            completions[i + 1].Cancel();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_race_of_asking_and_completing_gives_one_completed_task()
    {
        for (int i = 0; i < 2000; i++)
        {
            var completion = new Completion();
            Task? asked = null;
            Parallel.Invoke(() => asked = completion.Task, completion.Succeed);
            Assert.True(asked!.IsCompletedSuccessfully);
            Assert.Same(asked, completion.Task);
        }
    }

    private static Completion Success()
    {
        var completion = new Completion();
        completion.Succeed();
        var cancelled = new Completion();
        cancelled.Cancel();
        return completion;
    }

    private static void Complete(Completion completion, TaskStatus outcome)
    {
        switch (outcome)
        {
            case TaskStatus.Faulted: completion.Fail(new IOException()); break;
            case TaskStatus.Canceled: completion.Cancel(); break;
            default: completion.Succeed(); break;
        }
    }
}
