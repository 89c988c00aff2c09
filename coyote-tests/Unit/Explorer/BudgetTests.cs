using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Unit.Support;
using ScenarioExplorer = Percpu.Interleavings.Running.Explorer;

namespace Percpu.Unit.Explorer;

/// <summary>How many executions an exploration has, which variants they are of, and what its verdict says, to the word.</summary>
public sealed class BudgetTests
{
    [Fact]
    public void Variants_share_the_executions_and_the_last_has_what_is_left()
    {
        var variants = new Varied(3, defaultExecutions: 11, (_, stage) => stage.NewThread("a", () => { }));
        Verdict all = Explore(variants, new ExploreOptions { Strategy = Strategy.Random });
        Assert.Equal([3, 4, 4], variants.Arranged);
        Assert.Equal((Outcome.Held, 11L, 0L, 22L, false, "", ""), (all.Outcome, all.Executions, all.Redundant, all.Steps, all.Exhausted, all.Message, all.Trace));
        Explore(variants, new ExploreOptions { Strategy = Strategy.Pct, Executions = 7 });
        Assert.Equal([5, 6, 7], variants.Arranged);
        Explore(variants, new ExploreOptions { Strategy = Strategy.Pct, Executions = 1 });
        Assert.Equal([6, 7, 8], variants.Arranged); // Each has one at least.
    }

    [Fact]
    public void An_exploration_is_exhausted_when_all_its_variants_are()
    {
        var variants = new Varied(2, defaultExecutions: 1_000, (variant, stage) => Racing(stage, threads: variant == 0 ? 3 : 2));
        Verdict all = Explore(variants, new ExploreOptions());
        Assert.Equal([6, 2], variants.Arranged);
        Assert.Equal((true, 8L), (all.Exhausted, all.Executions));
        Verdict some = Explore(variants, new ExploreOptions { Executions = 9 });
        Assert.Equal([10, 4], variants.Arranged);
        Assert.Equal((false, 6L), (some.Exhausted, some.Executions));
    }

    [Fact]
    public void Time_that_is_over_ends_each_variant_after_sixteen_executions()
    {
        var variants = new Varied(2, defaultExecutions: 1_000, (_, stage) => stage.NewThread("a", () => { }));
        Verdict verdict = Explore(variants, new ExploreOptions { Strategy = Strategy.Random, Time = TimeSpan.FromTicks(1) });
        Assert.Equal([16, 16], variants.Arranged);
        Assert.Equal(32, verdict.Executions);
        Explore(variants, new ExploreOptions { Strategy = Strategy.Random, Time = TimeSpan.FromHours(1), Executions = 100 });
        Assert.Equal([66, 66], variants.Arranged);
    }

    [Fact]
    public void A_violation_ends_the_exploration_and_tells_its_variant()
    {
        var variants = new Varied(3, defaultExecutions: 30, (variant, stage) =>
        {
            Racing(stage, threads: 2);
            stage.Finally(() => Check.That(variant != 1, "It is variant 1."));
        });
        Verdict verdict = Explore(variants, new ExploreOptions { Model = MemoryModel.TotalStoreOrder });
        Assert.Equal([2, 1, 0], variants.Arranged);
        Assert.Equal((Outcome.Violated, "check: It is variant 1.", "variants:1:tso:a3b3"), (verdict.Outcome, verdict.Message, verdict.Trace));
        Assert.Equal((3L, false, 6), (verdict.Executions, verdict.Exhausted, verdict.Story.Count));
        Verdict replayed = Replay(variants, verdict.Trace);
        Assert.Equal([2, 2, 0], variants.Arranged);
        Assert.Equal((verdict.Message, verdict.Trace, 1L, false), (replayed.Message, replayed.Trace, replayed.Executions, replayed.Exhausted));
        Assert.Equal(verdict.Story, replayed.Story);
        Verdict other = Replay(variants, "variants:2:tso:b");
        Assert.Equal((Outcome.Held, "", "", 6), (other.Outcome, other.Message, other.Trace, other.Story.Count));
        Assert.StartsWith("   0  b ", other.Story[0], StringComparison.Ordinal);
        Assert.StartsWith("The trace is of variant 3, and there are 3 from 0.", Assert.Throws<ArgumentException>(() => variants.Replay("variants:3:tso:a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_is_told_with_its_steps_and_its_trace()
    {
        Scenario scenario = Scenario.Create("told", stage =>
        {
            var shared = new Shared();
            stage.Name(ref shared.Word, "word");
            stage.NewThread("a", () => shared.Word.Write(5, "here", 7));
            stage.Finally(() => Check.That(shared.Word.Read() == 4, "It is 5."));
        });
        Verdict verdict = Explore(scenario, new ExploreOptions());
        string text = string.Join('\n',
            "told under sc: Violated in 1 executions: check: It is 5.",
            "   0  a                      start",
            "   1  a                      store word = 5                                             here:7",
            "   2  a                      end life of a",
            "trace: told:0:sc:a3");
        Assert.Equal(text, verdict.ToString());
        Assert.Equal(text, Assert.Throws<ViolatedException>(verdict.MustHold).Message);
        Assert.Same(verdict, Assert.Throws<ViolatedException>(verdict.MustHold).Verdict);
        Verdict held = Explore(Scenario.Create("held", stage => Racing(stage, threads: 2)), new ExploreOptions());
        Assert.Equal("held under sc: Held in all 2 executions", held.ToString());
        Assert.Same(held, held.MustHold());
        Assert.Equal("held under sc: Held in 3 executions", Explore(Scenario.Create("held", stage => Racing(stage, threads: 2)), new ExploreOptions { Strategy = Strategy.Random, Executions = 3 }).ToString());
    }

    [Fact]
    public void A_seed_is_that_of_the_strategy_and_another_one_chooses_otherwise()
    {
        foreach (Strategy strategy in (Strategy[])[Strategy.Random, Strategy.Pct])
        {
            string[] traces = [.. Enumerable.Range(1, 6).Select(seed => Explore(
                Scenario.Create("seeds", stage =>
                {
                    Racing(stage, threads: 4);
                    stage.Finally(() => Check.That(false, "Told."));
                }),
                new ExploreOptions { Strategy = strategy, Seed = seed }).Trace)];
            Assert.True(traces.Distinct().Count() > 3, string.Join('\n', traces));
            Assert.Equal(strategy == Strategy.Random ? "seeds:0:sc:a2bdcb2dadc2" : "seeds:0:sc:d2c3ab3a2d", traces[0]);
        }
    }

    [Fact]
    public void A_cancelled_exploration_begins_no_further_execution()
    {
        using var explorer = new ScenarioExplorer(Scenario.Create("cancelled", stage => stage.NewThread("a", () => { })), MemoryModel.Sequential, 10);
        explorer.Observer = _ =>
        {
            if (explorer.Executions == 3)
                explorer.Cancel();
        };
        explorer.Explore(new RandomSearch(1), variant: 4, executions: 100, TimeSpan.MaxValue);
        Assert.Equal((3L, 0L, 6L, 4), (explorer.Executions, explorer.Redundant, explorer.Steps, explorer.Variant));
        Assert.Null(explorer.Trace);
    }

    [Fact]
    public void What_an_exploration_fails_of_is_thrown_with_its_reason()
    {
        int cleaned = 0;
        Scenario scenario = Scenario.Create("failing", stage =>
        {
            stage.CleanUp(() => cleaned++);
            stage.CleanUp(() => throw new FormatException("Oh."));
            stage.NewThread("a", () => { });
        });
        InvalidOperationException failed = Assert.Throws<InvalidOperationException>(() => Explore(scenario, new ExploreOptions()));
        Assert.Equal(("The exploration of failing failed: Oh.", "Oh.", 1), (failed.Message, failed.InnerException?.Message, cleaned));
    }

    [Fact]
    public void An_expected_exception_is_none_that_ends_the_execution_and_its_lack_does()
    {
        Verdict thrown = Explore(Scenario.Create("throws", stage => stage.Throws<FormatException>(() => throw new FormatException(), "It went on.")), new ExploreOptions());
        Assert.Equal("", thrown.Message);
        Verdict none = Explore(Scenario.Create("throws", stage => stage.Throws<FormatException>(() => { }, "It went on.")), new ExploreOptions());
        Assert.Equal("check: It went on.", none.Message);
        Verdict another = Explore(Scenario.Create("throws", stage => stage.Throws<FormatException>(() => throw new InvalidCastException("Another."), "It went on.")), new ExploreOptions());
        Assert.Equal("exception: InvalidCastException: Another.", another.Message);
    }

    private static void Racing(Stage stage, int threads)
    {
        var shared = new Shared();
        for (int i = 0; i < threads; i++)
            stage.NewThread($"{(char)('a' + i)}", () => shared.Word.Add(1));
    }

    private static Verdict Explore(Scenario scenario, ExploreOptions options)
    {
        Verdict? verdict = null;
        Worker.RunWaiting("the end of an exploration", () => verdict = scenario.Explore(options));
        return verdict!;
    }

    private static Verdict Replay(Scenario scenario, string trace)
    {
        Verdict? verdict = null;
        Worker.RunWaiting("the end of a replay", () => verdict = scenario.Replay(trace));
        return verdict!;
    }

    private sealed class Shared
    {
        internal AtomicLong Word;
    }

    private sealed class Varied(int count, long defaultExecutions, Action<int, Stage> arrange) : Scenario
    {
        internal int[] Arranged { get; } = new int[count];

        public override string Name => "variants";

        public override int Variants => count;

        public override long DefaultExecutions => defaultExecutions;

        public override void Arrange(Stage stage)
        {
            Arranged[stage.Variant]++;
            arrange(stage.Variant, stage);
        }
    }
}
