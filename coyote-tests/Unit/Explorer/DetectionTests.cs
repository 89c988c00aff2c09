extern alias interleavings;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;
using Atomic = interleavings::Percpu.Memory.Atomic;
using NativeBlocks = interleavings::Percpu.Memory.NativeBlocks;
using Parking = interleavings::Percpu.Memory.Parking;

namespace Percpu.Unit.Explorer;

/// <summary>Every kind of violation is found, and its trace leads there again.</summary>
public sealed unsafe class DetectionTests
{
    [Theory]
    [InlineData("dfs")]
    [InlineData("full")]
    [InlineData("random")]
    [InlineData("pct")]
    public void A_lost_update_is_found(string strategy)
    {
        MustFind(WrongPrograms.LostUpdate(), "sc", Violation.Check, strategy);
    }

    [Fact]
    public void A_lost_update_of_two_owners_of_one_word_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* count = stage.Word("count");
            for (int i = 0; i < 2; i++)
                stage.NewThread($"{i}", () => Atomic.AddLocal(count, 1));
            stage.Finally(() => stage.Check(*count == 2, $"count is {*count}"));
        });
        MustFind(scenario, "sc", Violation.Check);
    }

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    public void Interlocked_updates_are_not_lost(string model)
    {
        var scenario = new TestScenario(stage =>
        {
            long* count = stage.Word("count");
            for (int i = 0; i < 3; i++)
                stage.NewThread($"{i}", () => Atomic.FetchAdd(count, 1));
            stage.Finally(() => stage.Check(*count == 3, $"count is {*count}"));
        });
        RunResult result = scenario.Run(model);
        Assert.Equal("held", result.Verdict);
        Assert.True(result.Exhausted);
    }

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    public void A_deadlock_is_found(string model)
    {
        RunResult result = MustFind(WrongPrograms.Deadlock(), model, Violation.Deadlock);
        Assert.Contains("a waits for other", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_wake_up_is_found()
    {
        RunResult result = MustFind(WrongPrograms.LostWakeUp(), "sc", Violation.Deadlock);
        Assert.Contains("sleeper sleeps on bell", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    public void A_sleep_on_the_word_that_changes_is_woken(string model)
    {
        var scenario = new TestScenario(stage =>
        {
            long* flag = stage.Word("flag");
            stage.NewThread("sleeper", () =>
            {
                while (Atomic.LoadAcquire(flag) == 0)
                    Parking.Wait(flag, 0);
            });
            stage.NewThread("waker", () =>
            {
                Atomic.StoreRelease(flag, 1);
                Parking.WakeAll(flag);
            });
        });
        RunResult result = scenario.Run(model);
        Assert.Equal("held", result.Verdict);
        Assert.True(result.Exhausted);
    }

    [Fact]
    public void A_sleep_with_a_time_limit_ends_when_nothing_else_can_happen()
    {
        Assert.Equal("held", WrongPrograms.SleepsWithALimit().Run("sc").Verdict);
    }

    [Fact]
    public void A_poll_that_nobody_answers_is_found()
    {
        MustFind(WrongPrograms.PollThatNobodyAnswers(), "sc", Violation.Deadlock);
    }

    [Fact]
    public void A_loop_without_end_is_found()
    {
        MustFind(WrongPrograms.LoopWithoutEnd(), "sc", Violation.StepBound);
    }

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    public void A_use_after_free_is_found(string model)
    {
        MustFind(WrongPrograms.UseAfterFree(), model, Violation.Memory);
    }

    [Fact]
    public void A_buffered_store_that_reaches_freed_memory_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* block = (long*)NativeBlocks.Allocate(64);
            long* flag = stage.Word("flag");
            stage.NewThread("user", () => Atomic.StoreRelease(block, 1));
            stage.NewThread("owner", () => NativeBlocks.Free(block));
        });
        MustFind(scenario, "tso", Violation.Memory);
    }

    [Fact]
    public void An_access_outside_every_block_is_found()
    {
        var scenario = new TestScenario(stage =>
        {
            long* block = (long*)NativeBlocks.Allocate(64);
            stage.NewThread("user", () => Atomic.LoadAcquire(block + 8));
        });
        MustFind(scenario, "sc", Violation.Memory);
    }

    [Fact]
    public void An_exception_that_escapes_is_found_and_unwinds_everybody()
    {
        RunResult result = WrongPrograms.EscapingException().Run("sc");
        Assert.Equal("violated", result.Verdict);
    }

    [Theory]
    [InlineData(0, "held")]
    [InlineData(1, "violated")]
    public void A_bound_on_preemptions_is_kept(int preemptions, string verdict)
    {
        Assert.Equal(verdict, WrongPrograms.LostUpdate().Run("sc", preemptions: preemptions).Verdict);
    }

    private static RunResult MustFind(TestScenario scenario, string model, string kind, string strategy = "dfs")
    {
        RunResult result = scenario.Run(model, strategy);
        Assert.Equal("violated", result.Verdict);
        Assert.StartsWith(kind, result.Message, StringComparison.Ordinal);
        RunResult replayed = scenario.Replay(result.Trace);
        Assert.Equal(result.Message, replayed.Message);
        Assert.Equal(result.Trace, replayed.Trace);
        Assert.EndsWith($" -- --replay '{result.Trace}'", result.Command, StringComparison.Ordinal);
        Assert.NotEmpty(replayed.Story);
        return result;
    }
}
