extern alias interleavings;
using interleavings::Percpu.Interleavings.Engines;
using interleavings::Percpu.Interleavings.Engines.Coyote;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;
using interleavings::Percpu.Interleavings.Twins;
using Atomic = interleavings::Percpu.Memory.Atomic;

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
        RunResult result = ScenarioRunner.Run(scenario, "sc", new RunOptions { Engine = "coyote", Executions = 40 });
        Assert.Equal("held", result.Verdict);
        Assert.Equal("coyote", result.Engine);
        Assert.True(result.Executions > 1 && result.Executions + result.Redundant >= 40);
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
    public void A_lost_update_is_found(string strategy) => MustFind(WrongPrograms.LostUpdate(), Violation.Check, strategy);

    [Fact]
    public void A_violation_names_a_file_that_one_command_replays()
    {
        RunResult found = MustFind(WrongPrograms.LostUpdate(), Violation.Check);
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
        RunResult result = MustFind(WrongPrograms.Deadlock(), Violation.Deadlock);
        Assert.Contains("a waits for other; b waits for one", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_wake_up_is_found()
    {
        RunResult result = MustFind(WrongPrograms.LostWakeUp(), Violation.Deadlock);
        Assert.Contains("sleeper sleeps on bell", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sleep_with_a_time_limit_ends_when_nothing_else_can_happen()
    {
        Assert.Equal("held", Run(WrongPrograms.SleepsWithALimit()).Verdict);
    }

    [Fact]
    public void A_poll_that_nobody_answers_is_found()
    {
        MustFind(WrongPrograms.PollThatNobodyAnswers(), Violation.Deadlock);
    }

    [Fact]
    public void A_loop_without_end_is_found()
    {
        MustFind(WrongPrograms.LoopWithoutEnd(), Violation.StepBound);
    }

    [Fact]
    public void A_use_after_free_is_found()
    {
        MustFind(WrongPrograms.UseAfterFree(), Violation.Memory);
    }

    [Fact]
    public void An_exception_that_escapes_is_found_and_unwinds_everybody()
    {
        MustFind(WrongPrograms.EscapingException(), Violation.Escaped);
    }

    [Fact]
    public void A_trace_that_does_not_fit_is_told_from_a_violation()
    {
        RunResult found = MustFind(WrongPrograms.LostUpdate(), Violation.Check);
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
        Assert.Throws<UnsupportedException>(() => Run(WrongPrograms.LostUpdate(), strategy));

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
}
