using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer;

/// <summary>An execution, and each of its threads, begins with nothing of the one before.</summary>
public sealed unsafe class NewExecutionTests
{
    [Fact]
    public void An_execution_begins_with_nothing_of_the_one_before()
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.TotalStoreOrder);
        var stage = new Stage(execution, 0);
        long* word = stage.Word("word");
        long firstKey = execution.NewKey(KeySpace.Ghost, "ghost"), secondKey = execution.NewKey(KeySpace.Ghost), otherKey = execution.NewKey(KeySpace.Completion);
        Assert.Equal((WordTable.Key(KeySpace.Ghost, 0), WordTable.Key(KeySpace.Ghost, 1), WordTable.Key(KeySpace.Completion, 0)), (firstKey, secondKey, otherKey));
        Assert.Equal([firstKey], execution.GhostNames.Keys);
        execution.FailingAllocation = 1;
        execution.ProcessorAreas[1] = 8;
        execution.ReferenceWords.Add(8);
        object thing = new();
        Assert.Equal((0, 1, 2, 1), (execution.NumberOf(null), execution.NumberOf(thing), execution.NumberOf("other"), execution.NumberOf(thing)));
        Assert.Equal(3, execution.NumberOf(new string("other".AsSpan()))); // Another one, although equal.
        Assert.Equal((null, thing, "other"), (execution.ObjectOf(0), execution.ObjectOf(1), execution.ObjectOf(2)));
        execution.Collector.LetGo(thing);
        stage.NewThread("a", () =>
        {
            NativeWord.Write(word, 5);
            ModelThread thread = ModelThread.Current;
            execution.ProcessWideFence(thread, default);
            execution.BeginAllocation(thread, throws: true);
        });
        Assert.Equal(0, stage.ProcessWideFences);
        long progress = execution.Progress;
        Worker.RunWaiting("the end of an execution", () => execution.Run(new RandomSearch(1), 100));
        Assert.True(execution.Progress >= progress + execution.StepCount);
        Assert.Equal(("exception", 1, true), (execution.Violation?.Kind, execution.ProcessWideFences, execution.StepCount > 5));

        Assert.Equal(1, stage.ProcessWideFences);
        progress = execution.Progress;
        execution.Reset(MemoryModel.Sequential);
        Assert.Equal(progress + 1, execution.Progress);
        Assert.Equal((MemoryModel.Sequential, 0, 0, 0, 0), (execution.Model, execution.ThreadCount, execution.StepCount, execution.ProcessWideFences, execution.FailingAllocation));
        Assert.Null(execution.Violation);
        Assert.Empty(execution.Names);
        Assert.Empty(execution.GhostNames);
        Assert.Empty(execution.ReferenceWords);
        Assert.Equal([0, 0], execution.ProcessorAreas);
        Assert.Equal(firstKey, execution.NewKey(KeySpace.Ghost));
        Assert.Equal(1, execution.NumberOf("new"));
        Assert.Equal((false, 0), (execution.Collector.HasLetGo(thing), execution.Collector.Collections));
        Assert.Equal((-1, "set-up"), (ModelThread.Current.Id, ModelThread.Current.Name));
        Assert.Equal(((nint)word, 0L), ((nint)new Stage(execution, 0).Word("word"), *word));
    }

    [Fact]
    public void A_thread_begins_with_nothing_of_the_execution_before()
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Arm64);
        ModelThread first = execution.AddThread("first", () => { }), thread = execution.AddThread("second", () => { }, first);
        Assert.Equal((0, 1, "second", first), (first.Id, thread.Id, thread.Name, thread.After));
        thread.Started = thread.Ended = thread.Unwinding = thread.TimedOut = thread.MayTimeOut = thread.Interrupted = thread.MayBeInterrupted = true;
        thread.Restarts = thread.WasMoved = thread.WasFenced = true;
        thread.Pending = StepKind.Pause;
        thread.PendingWord = 8;
        thread.PendingTask = Task.CompletedTask;
        thread.WokenBy = thread.Steps = thread.StopsAt = thread.StartedBy = thread.InterruptedBy = thread.Sections = thread.Processor = thread.Floor = 7;
        thread.Unacknowledged = 7;
        thread.StopsUntil = new Signal(execution, "signal");
        thread.Sees(3, 4);
        thread.Sees(3, 2);
        Assert.Equal((4, 0), (thread.SeenAt(3), thread.SeenAt(4)));
        thread.Buffer.Add(1, null, 0, 0, release: true, lanes: 1);
        thread.Watched.Add((1, 2));

        execution.Reset(MemoryModel.Arm64);
        execution.AddThread("other", () => { });
        Action body = () => { };
        Assert.Same(thread, execution.AddThread("new", body));
        Assert.Equal(("new", body, null), (thread.Name, thread.Body, thread.After));
        Assert.Equal((false, false, false, false), (thread.Started, thread.Ended, thread.Unwinding, thread.TimedOut));
        Assert.Equal((false, false, false, false, false, false), (thread.MayTimeOut, thread.Interrupted, thread.MayBeInterrupted, thread.Restarts, thread.WasMoved, thread.WasFenced));
        Assert.Equal((StepKind.Start, 0L, null), (thread.Pending, thread.PendingWord, thread.PendingTask));
        Assert.Equal((-1, 0, -1, null, -1, -1), (thread.WokenBy, thread.Steps, thread.StopsAt, thread.StopsUntil, thread.StartedBy, thread.InterruptedBy));
        Assert.Equal((0, -1, 0, 0U, 0, 0), (thread.Sections, thread.Processor, thread.Floor, thread.Unacknowledged, thread.Buffer.Count, thread.Watched.Count));
        Assert.Equal(0, thread.SeenAt(3));
    }

    [Fact]
    public void A_word_of_an_earlier_iteration_is_known_for_a_million_iterations()
    {
        const int Iterations = 1 << 20;
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        long kept = 5;
        execution.Handles.Locate(ref kept, default);
        Assert.Equal(0x5EA1, kept >> 48 & 0xFFFF);
        for (int i = 1; i < Iterations; i++)
        {
            execution.Handles.StartExecution();
            if (i is not (1 or 2 or 1024 or Iterations / 2 or Iterations - 1))
                continue;
            long field = kept;
            Assert.Throws<ExecutionAbandonedException>(() => { execution.Handles.Locate(ref field, new Source("here", 7)); });
            Assert.Equal(kept, field);
        }
        Assert.Equal(
            new Violation("misuse", "A word of an earlier iteration or of another scenario is touched, in here, line 7: make everything anew in the scenario."),
            execution.Violation);
    }

    [Fact]
    public void Each_execution_knows_its_own_words()
    {
        using Execution one = new(), other = new();
        long[] fields = [1, 2];
        one.Reset(MemoryModel.Sequential);
        one.Handles.Locate(ref fields[0], default);
        other.Reset(MemoryModel.Sequential);
        other.Handles.Locate(ref fields[1], default);
        Assert.Equal((one.Handles, other.Handles), (WordHandles.Find(fields[0]), WordHandles.Find(fields[1])));
        Assert.Throws<ExecutionAbandonedException>(() => { other.Handles.Locate(ref fields[0], default); });
        object? reference = "thing";
        other.Reset(MemoryModel.Sequential);
        long* word = other.Handles.Locate(ref reference, default);
        Assert.Equal((1L, true, true), (*word, other.ReferenceWords.Contains((long)word), other.Handles.Locate(ref reference, default) == word));
        one.Reset(MemoryModel.Sequential);
        Assert.Throws<ExecutionAbandonedException>(() => { one.Handles.Locate(ref reference, default); });
        other.Reset(MemoryModel.Sequential);
        Assert.Throws<ExecutionAbandonedException>(() => { other.Handles.Locate(ref reference, default); });
    }

    [Fact]
    public void What_was_reported_first_is_what_went_wrong()
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        execution.Fails("first", "One.");
        execution.Fails("second", "Two.");
        Assert.Throws<ExecutionAbandonedException>(() => execution.Fail("third", "Three."));
        Assert.Equal(new Violation("first", "One."), execution.Violation);
        execution.Reset(MemoryModel.Sequential);
        execution.EndStalled(TimeSpan.FromSeconds(6.04));
        Assert.Equal(
            "The arrangement, or a final check, has made no step for 6 s: it spins without a scheduling point, or blocks outside the words, locks and parks of the scenario.",
            execution.Violation?.Message);
        execution.Interfere("Another.");
        Assert.Equal(execution.Interference, execution.Violation);
        execution.Reset(MemoryModel.Sequential); // It stays: whoever interferes is not known to have gone.
        Assert.Equal(("misuse", execution.Interference), (execution.Violation?.Kind, execution.Violation));
    }

    [Theory]
    [InlineData(true, ", in here, line 7")]
    [InlineData(false, "")]
    public void A_stall_is_told_with_the_thread_and_its_last_step_and_the_line_if_that_has_one(bool hasLine, string where)
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        var stage = new Stage(execution, 0);
        long* word = stage.Word("word");
        Ghost ghost = stage.Ghost("ghost");
        stage.NewThread("waits", () => { });
        stage.NewThread("stalled", () =>
        {
            NativeWord.Read(word, "before", 6);
            if (hasLine)
                NativeWord.Read(word, "here", 7);
            else
                ghost.Use();
            execution.EndStalled(TimeSpan.FromSeconds(2.5));
        });
        Worker.RunWaiting("the end of an execution", () => execution.Run(new ReplaySearch(Trace.Parse("stall:0:sc:b4")), 100));
        Assert.Equal(
            $"Thread 'stalled' has made no step for 2.5 s after step 2{where}: it spins without a scheduling point, or blocks outside the words, locks and parks of the scenario.",
            execution.Violation?.Message);
        Assert.Equal(3, execution.StepCount);
    }
}
