extern alias interleavings;
using interleavings::Percpu.Interleavings.Engines;
using interleavings::Percpu.Interleavings.Engines.Coyote;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;
using interleavings::Percpu.Interleavings.Twins;
using Atomic = interleavings::Percpu.Memory.Atomic;
using Backoff = interleavings::Percpu.Memory.Backoff;
using NativeBlocks = interleavings::Percpu.Memory.NativeBlocks;
using Parking = interleavings::Percpu.Memory.Parking;
using WordLock = interleavings::Percpu.Memory.WordLock;

namespace Percpu.Unit.Explorer.Coyote;

/// <summary>Under Coyote, too, every kind of violation is found, and its trace leads there again.</summary>
public sealed unsafe class CoyoteTests
{
    private static readonly Engine Engine = EngineCatalog.Find("coyote");

    public static TheoryData<string> Scenarios => [.. ScenarioRunner.Scenarios];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Every_scenario_holds(string scenario)
    {
        RunResult result = ScenarioRunner.Run(scenario, "sc", new RunOptions { Engine = "coyote", Executions = 60 });
        Assert.Equal("held", result.Verdict);
        Assert.Equal("coyote", result.Engine);
        Assert.True(result.Executions > 1 && result.Executions + result.Redundant >= 60);
        Assert.False(result.Exhausted);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("random")]
    [InlineData("pct")]
    [InlineData("prioritization")]
    [InlineData("probabilistic")]
    [InlineData("portfolio")]
    [InlineData("delay-bounding")]
    [InlineData("q-learning")]
    public void A_lost_update_is_found(string strategy) => MustFind(LostUpdate(), Violation.Check, strategy);

    [Fact]
    public void A_violation_names_a_file_that_one_command_replays()
    {
        RunResult found = MustFind(LostUpdate(), Violation.Check);
        string file = found.Command.Split(' ')[^1];
        Assert.Equal(found.Trace, File.ReadAllText(file).TrimEnd());
        Assert.DoesNotContain("--engine", found.Command, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Theory]
    [InlineData("no-second-check-get")]
    [InlineData("no-process-wide-fence")]
    public void A_twin_is_caught_if_it_needs_no_store_buffers_and_not_otherwise(string name)
    {
        TwinResult result = new TwinRunner(new TwinCompiler(SourceTree.Find())).Run(TwinCatalog.All.Single(twin => twin.Name == name), seconds: 120, engine: "coyote", executions: 1_000);
        Assert.Equal(["coyote"], result.Outcomes.Keys);
        Assert.True(result.AsExpected, result.Outcomes["coyote"].Message);
    }

    [Fact]
    public void Threads_are_reused_with_this_version_of_Coyote() =>
        Assert.True(OperationThread.CanBeReused);

    [Fact]
    public void The_same_seed_explores_the_same()
    {
        var options = new RunOptions { Engine = "coyote", Executions = 300, Seed = 5 };
        RunResult first = ScenarioRunner.Run("two-killers", "sc", options), again = ScenarioRunner.Run("two-killers", "sc", options);
        Assert.Equal((first.Executions, first.Redundant, first.Steps), (again.Executions, again.Redundant, again.Steps));
    }

    [Fact]
    public void A_deadlock_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* one = stage.Word("one");
            long* other = stage.Word("other");
            stage.NewThread("a", () => Nest(one, other));
            stage.NewThread("b", () => Nest(other, one));
            stage.NewThread("bystander", () => Nest(stage.Word("third"), stage.Word("fourth")));
        });
        RunResult result = MustFind(scenario, Violation.Deadlock);
        Assert.Contains("a waits for other; b waits for one", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_wake_up_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* flag = stage.Word("flag");
            long* bell = stage.Word("bell");
            stage.NewThread("waker", () =>
            {
                Atomic.Exchange(flag, 1);
                Parking.WakeAll(bell);
            });
            stage.NewThread("sleeper", () =>
            {
                if (Atomic.LoadAcquire(flag) == 0)
                    Parking.Wait(bell, 0); // Nothing ties the flag to the bell: the wake-up can come in between.
            });
        });
        RunResult result = MustFind(scenario, Violation.Deadlock);
        Assert.Contains("sleeper sleeps on bell", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sleep_with_a_time_limit_ends_when_nothing_else_can_happen()
    {
        var scenario = new TestScenario(stage =>
        {
            long* flag = stage.Word("flag");
            stage.NewThread("sleeper", () => Parking.Wait(flag, 0, 10));
            stage.NewThread("other sleeper", () => Parking.Wait(flag, 0, 10));
        });
        Assert.Equal("held", Run(scenario).Verdict);
    }

    [Fact]
    public void A_poll_that_nobody_answers_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* flag = stage.Word("flag");
            stage.NewThread("poller", () =>
            {
                while (Atomic.LoadAcquire(flag) == 0)
                    default(Backoff).Pause();
            });
            stage.NewThread("other", () => Atomic.StoreRelease(flag, 0));
        });
        MustFind(scenario, Violation.Deadlock);
    }

    [Fact]
    public void A_loop_without_end_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* flag = stage.Word("flag");
            stage.NewThread("spinner", () =>
            {
                while (Atomic.LoadAcquire(flag) == 0)
                {
                }
            });
            stage.NewThread("other", () => Atomic.LoadAcquire(flag));
        });
        MustFind(scenario, Violation.StepBound);
    }

    [Fact]
    public void A_use_after_free_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* block = (long*)NativeBlocks.Allocate(64);
            stage.NewThread("user", () => Atomic.LoadAcquire(block));
            stage.NewThread("owner", () => NativeBlocks.Free(block));
        });
        MustFind(scenario, Violation.Memory);
    }

    [Fact]
    public void An_exception_that_escapes_is_found_and_unwinds_everybody()
    {
        var scenario = new TestScenario(stage =>
        {
            long* word = stage.Word("word");
            stage.NewThread("thrower", () =>
            {
                Atomic.FetchAdd(word, 1);
                throw new InvalidDataException("broken");
            });
            stage.NewThread("other", () => Parking.Wait(word, 0));
        });
        MustFind(scenario, Violation.Escaped);
    }

    [Fact]
    public void A_trace_that_does_not_fit_is_told_from_a_violation()
    {
        RunResult found = MustFind(LostUpdate(), Violation.Check);
        var other = new TestScenario(stage =>
        {
            long* count = stage.Word("count");
            for (int i = 0; i < 2; i++)
                stage.NewThread($"{i}", () => Atomic.FetchAdd(count, 1)); // One step where the trace has two.
        });
        Assert.Throws<NotReproducibleException>(() => Engine.Replay(found.Trace, other));
    }

    [Theory]
    [InlineData("dfs")]
    [InlineData("full")]
    public void A_strategy_that_Coyote_keeps_to_itself_is_refused(string strategy) =>
        Assert.Throws<UnsupportedException>(() => Run(LostUpdate(), strategy));

    private static TestScenario LostUpdate() => new(stage =>
    {
        long* count = stage.Word("count");
        for (int i = 0; i < 2; i++)
            stage.NewThread($"{i}", () => Atomic.StoreRelease(count, Atomic.LoadAcquire(count) + 1));
        stage.Finally(() => stage.Check(*count == 2, $"count is {*count}"));
    });

    private static RunResult Run(TestScenario scenario, string strategy = "auto") =>
        Engine.Run(scenario, MemoryModel.Sequential, new RunOptions { Strategy = strategy, Executions = 1_000 });

    private static RunResult MustFind(TestScenario scenario, string kind, string strategy = "auto")
    {
        RunResult result = Run(scenario, strategy);
        Assert.Equal("violated", result.Verdict);
        Assert.StartsWith(kind, result.Message, StringComparison.Ordinal);
        RunResult replayed = Engine.Replay(result.Trace, scenario);
        Assert.Equal(result.Message, replayed.Message);
        Assert.Equal(result.Story, replayed.Story);
        return result;
    }

    private static void Nest(long* outer, long* inner)
    {
        WordLock.Enter(outer);
        WordLock.Enter(inner);
        WordLock.Exit(inner);
        WordLock.Exit(outer);
    }
}
