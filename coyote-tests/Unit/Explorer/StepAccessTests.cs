extern alias interleavings;
using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;
using Atomic = interleavings::Percpu.Memory.Atomic;
using ScenarioExplorer = Percpu.Interleavings.Running.Explorer;

namespace Percpu.Unit.Explorer;

/// <summary>What a step touches, which tells the search whose order matters, and who goes on when.</summary>
public sealed unsafe class StepAccessTests
{
    [Fact]
    public void Waking_comes_before_or_after_a_sleep_that_an_interrupt_ends_and_not_beside_it()
    {
        long key = 0;
        Scenario scenario = Scenario.Create("sleep", stage =>
        {
            long* word = stage.Word("word");
            key = (long)word + 1; // Of those who sleep on it.
            ModelThread sleeper = stage.NewThread("sleeper", () =>
            {
                try
                {
                    ModelThread thread = ModelThread.Current;
                    thread.Execution.Park(thread, word, 0, milliseconds: 1_000, default);
                }
                catch (ThreadInterruptedException)
                {
                }
            });
            stage.NewThread("waker", () => ModelThread.Current.Execution.WakeAll(ModelThread.Current, word, default));
            stage.NewThread("interrupter", () => stage.Interrupt(sleeper));
        });
        int met = 0, others = 0;
        using var explorer = new ScenarioExplorer(scenario, MemoryModel.Sequential, stepBound: 100);
        explorer.Observer = execution =>
        {
            int reads = execution.Words.Find(key) << 1;
            bool interrupted = false;
            for (int i = 0; i < execution.StepCount; i++)
            {
                interrupted |= execution.StepAt(i).Kind == StepKind.Interrupt;
                if (execution.StepAt(i).Kind != StepKind.Unpark)
                    continue;
                Assert.Equal(interrupted, execution.AccessesOf(i).Contains(reads));
                int own = execution.Words.Find(WordTable.Key(KeySpace.Interrupts, index: 0)) << 1; // The sleeper's.
                Assert.True(execution.AccessesOf(i).Contains(own) || execution.AccessesOf(i).Contains(own | 1), "It is in no order with an interrupt.");
                (met, others) = (met + (interrupted ? 1 : 0), others + (interrupted ? 0 : 1));
            }
        };
        explorer.Explore(new RandomSearch(1), variant: 0, executions: 200, TimeSpan.MaxValue);
        Assert.Null(explorer.Violation);
        Assert.True(met > 0 && others > 0, $"{met} sleeps met an interrupt, {others} did not.");
    }

    [Fact]
    public void Where_loads_may_be_early_writes_and_barriers_are_in_one_order()
    {
        Scenario scenario = Scenario.Create("writes", stage =>
        {
            long* word = stage.Word("word");
            for (int i = 0; i < 2; i++)
            {
                stage.NewThread($"{i}", () =>
                {
                    NativeWord.WriteRelaxed(word, 1);
                    NativeWord.Add(word, 1);
                    NativeWord.Exchange(word, 5);
                    Fence.Full();
                    Fence.Read();
                    NativeWord.Read(word);
                });
            }
        });
        var seen = new HashSet<StepKind>();
        using var explorer = new ScenarioExplorer(scenario, MemoryModel.Arm64, stepBound: 200);
        explorer.Observer = execution =>
        {
            int order = execution.Words.Find(WordTable.Key(KeySpace.Memory, 0)) << 1;
            for (int i = 0; i < execution.StepCount; i++)
            {
                StepKind kind = execution.StepAt(i).Kind;
                seen.Add(kind);
                bool writes = kind is StepKind.Flush or StepKind.FetchAdd or StepKind.Exchange, bars = kind is StepKind.Fence or StepKind.ReadFence;
                Assert.Equal((writes, bars || writes && kind != StepKind.Flush), (execution.AccessesOf(i).Contains(order | 1), execution.AccessesOf(i).Contains(order)));
            }
        };
        explorer.Explore(new RandomSearch(1), variant: 0, executions: 50, TimeSpan.MaxValue);
        Assert.Null(explorer.Violation);
        Assert.Superset(new HashSet<StepKind> { StepKind.Flush, StepKind.FetchAdd, StepKind.Exchange, StepKind.Fence, StepKind.ReadFence, StepKind.Load }, seen);
    }

    [Fact]
    public void What_set_up_code_does_as_a_thread_is_over_with_it()
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        ModelThread before = ModelThread.Current, thread = execution.AddThread("a", () => { });
        ModelThread? inside = null;
        Execution.RunAs(thread, () => inside = ModelThread.Current);
        Assert.Same(thread, inside);
        Assert.Same(before, ModelThread.Current);
    }

    [Fact]
    public void A_range_that_is_zeroed_is_written_and_a_signal_that_is_waited_for_is_read()
    {
        long zeroed = 0, key = 0;
        Scenario scenario = Scenario.Create("signal", stage =>
        {
            long* word = stage.Word("word");
            zeroed = (long)word;
            Signal signal = stage.Signal("signal");
            key = signal.Key;
            stage.NewThread("waiter", () =>
            {
                NativeWord.Write(word, 1);
                signal.Wait();
            });
            stage.NewThread("setter", () =>
            {
                signal.Set();
                ModelThread.Current.Execution.Zero(ModelThread.Current, (long)word, sizeof(long), sizeof(long));
            });
        });
        int zeroes = 0;
        using var explorer = new ScenarioExplorer(scenario, MemoryModel.Sequential, stepBound: 100);
        explorer.Observer = execution =>
        {
            bool written = false;
            for (int i = 0; i < execution.StepCount; i++)
            {
                Step step = execution.StepAt(i);
                int word = execution.Words.Find(zeroed) << 1, signal = execution.Words.Find(key) << 1;
                bool isZero = step.Source.Member == "Zero";
                zeroes += isZero && written ? 1 : 0;
                written |= step.Kind == StepKind.Store && !isZero;
                Assert.Equal(written && step.Kind == StepKind.Store, execution.AccessesOf(i).Contains(word | 1));
                Assert.Equal(
                    (step.Kind == StepKind.AwaitSignal, step.Kind == StepKind.Signal),
                    (execution.AccessesOf(i).Contains(signal), execution.AccessesOf(i).Contains(signal | 1)));
            }
        };
        explorer.Explore(new RandomSearch(1), variant: 0, executions: 50, TimeSpan.MaxValue);
        Assert.Null(explorer.Violation);
        Assert.True(zeroes > 0, "No word was written before it was zeroed.");
    }

    [Fact]
    public void Those_who_wait_for_a_signal_are_in_no_order()
    {
        var scenario = new TestScenario(stage =>
        {
            Signal signal = stage.Signal("signal");
            for (int i = 0; i < 3; i++)
                stage.NewThread($"{i}", signal.Wait);
            stage.NewThread("setter", signal.Set);
        });
        RunResult result = scenario.Run("sc");
        Assert.Equal(("held", true, 1L), (result.Verdict, result.Exhausted, result.Executions));
    }

    [Fact]
    public void Who_polls_a_word_goes_on_when_its_range_is_zeroed()
    {
        var scenario = new TestScenario(stage =>
        {
            long* word = stage.Word("word");
            ModelThread.Current.Execution.Store(ModelThread.Current, word, 1, release: false, default);
            stage.NewThread("poller", () =>
            {
                ModelThread thread = ModelThread.Current;
                while (thread.Execution.Load(thread, word, default) != 0)
                    thread.Execution.Pause(thread);
            });
            stage.NewThread("zeroer", () => ModelThread.Current.Execution.Zero(ModelThread.Current, (long)word, sizeof(long), sizeof(long)));
        });
        RunResult result = scenario.Run("sc");
        Assert.True(result.Verdict == "held" && result.Exhausted, result.Message);
    }

    [Fact]
    public void A_late_read_that_finds_what_it_must_not_is_a_violated_check_with_its_own_words()
    {
        var scenario = new TestScenario(stage =>
        {
            long* word = stage.Word("word");
            stage.NewThread("reader", () => stage.Use(word, value => value == 0, "It is no longer 0."));
            stage.NewThread("writer", () => Atomic.StoreRelease(word, 1));
        });
        RunResult late = scenario.Run("arm64"), atOnce = scenario.Run("sc");
        Assert.Equal(("violated", "check: It is no longer 0."), (late.Verdict, late.Message));
        Assert.Equal(("violated", "check: It is no longer 0."), (atOnce.Verdict, atOnce.Message));
        Assert.Contains(late.Story, line => line.Contains("use, now or later", StringComparison.Ordinal));
    }

    [Fact]
    public void No_thread_gets_past_its_wait_when_the_execution_is_given_up()
    {
        int past = 0, begun = 0, unwound = 0;
        var scenario = new TestScenario(stage =>
        {
            long* word = stage.Word("word");
            Signal never = stage.Signal("never");
            void Wait(Action<ModelThread> wait)
            {
                begun++;
                try
                {
                    wait(ModelThread.Current);
                    past++;
                }
                finally
                {
                    unwound++;
                }
            }

            stage.NewThread("sleeper", () => Wait(thread => thread.Execution.Park(thread, word, 0, Timeout.Infinite, default)));
            stage.NewThread("poller", () => Wait(thread => thread.Execution.Pause(thread)));
            stage.NewThread("waiter", () => Wait(_ => never.Wait()));
            stage.NewThread("failing", () => stage.Check(false, "Given up."));
        });
        RunResult result = scenario.Run("sc");
        Assert.Equal("check: Given up.", result.Message);
        Assert.True(begun > 0, "No thread waits: it says nothing.");
        Assert.Equal(0, past);
        Assert.Equal(begun, unwound);
    }

    [Fact]
    public void A_spare_thread_that_nobody_starts_goes_on_when_all_others_have_ended()
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        ModelThread thread = execution.AddThread("thread", () => { }), spare = execution.AddThread("spare", body: null);
        Assert.Equal((true, false), (execution.CanGoOn(thread), execution.CanGoOn(spare)));
        thread.Ended = true;
        Assert.True(execution.CanGoOn(spare), "It would keep the execution from its end.");
        spare.Body = () => { };
        Assert.True(execution.CanGoOn(spare));
    }

    [Fact]
    public void A_scenario_that_adds_what_is_none_is_told_so()
    {
        Exception?[] refused = [];
        Scenario.Create("arguments", stage =>
        {
            refused =
            [
                Record.Exception(() => stage.NewThread(null!, () => { })),
                Record.Exception(() => stage.NewThread("", () => { })),
                Record.Exception(() => stage.NewThread("a", null!)),
                Record.Exception(() => stage.Finally(null!)),
            ];
            for (int i = 0; i < 5; i++)
                stage.NewThread($"{i}", () => { });
            refused = [.. refused, Record.Exception(() => stage.NewThread("sixth", () => { }))];
        }).Explore(new ExploreOptions { Model = MemoryModel.Sequential, Executions = 1 }).MustHold();
        Assert.Equal(
            [typeof(ArgumentNullException), typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentNullException), typeof(InvalidOperationException)],
            refused.Select(each => each?.GetType()));
        Assert.Equal(["name", "name", "body", "check"], refused.Take(4).Select(each => ((ArgumentException)each!).ParamName));
    }

    [Fact]
    public void A_scenario_that_says_nothing_else_has_the_usual_bounds()
    {
        Scenario scenario = Scenario.Create("usual", _ => { });
        Assert.Equal((1, 100_000L, 2_000, "", ""), (scenario.Variants, scenario.DefaultExecutions, scenario.StepBound, scenario.Description, scenario.Covers));
    }
}
