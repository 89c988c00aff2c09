using Percpu.Interleavings;

namespace Percpu.Unit.Explorer.Words;

/// <summary>Scenarios that do what none may: each gets a verdict that says so and where. Nothing hangs, and no exception ends the process.</summary>
public sealed class WordMisuseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static AtomicLong s_left;

    [Fact]
    public async Task A_word_of_an_earlier_iteration_is_refused()
    {
        Verdict verdict = await Explore(stage =>
        {
            stage.NewThread("a", () => s_left.Write(1));
            stage.NewThread("b", () => s_left.Read());
        });
        Assert.Equal(Outcome.Violated, verdict.Outcome);
        Assert.Contains("misuse: A word of an earlier iteration", verdict.Message, StringComparison.Ordinal);
        Assert.Contains($"in {nameof(A_word_of_an_earlier_iteration_is_refused)}, line ", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_of_an_earlier_iteration_is_refused()
    {
        var left = new Shared();
        Verdict verdict = await Explore(stage => stage.NewThread("a", () => left.Link.Write("again")), each => each.Executions = 2, Strategy.Random);
        Assert.Contains("misuse: A word of an earlier iteration", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_thread_that_is_left_running_is_reported_and_does_no_harm(bool pooled)
    {
        using var over = new CancellationTokenSource();
        Verdict verdict = await Explore(
            stage =>
            {
                var shared = new Shared();
                shared.Word.Write(1);
                void Touch()
                {
                    while (!over.IsCancellationRequested)
                        shared.Word.Read();
                }

                stage.NewThread("a", () =>
                {
                    if (pooled)
                        _ = Task.Run(Touch);
                    else
                        new Thread(Touch).Start();
                    // Long enough for the other thread to come, however late: it ends the execution then.
                    while (shared.Word.Read() == 1)
                        default(NoPause).Sleep();
                });
            },
            each => each.Executions = 1_000_000, Strategy.Random, stepBound: 1_000_000);
        await over.CancelAsync();
        Assert.Equal(Outcome.Violated, verdict.Outcome);
        Assert.Contains("A thread that is not the scenario's touches a word of it", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spin_without_a_scheduling_point_is_given_up()
    {
        bool stop = false;
        Verdict verdict = await Explore(stage =>
        {
            var shared = new Shared();
            stage.NewThread("spinner", () =>
            {
                shared.Word.Write(1);
                while (!Volatile.Read(ref stop))
                    Thread.SpinWait(10);
            });
            stage.NewThread("other", () => shared.Word.Read());
        });
        Volatile.Write(ref stop, true);
        MustBeStalled(verdict, "Thread 'spinner' has made no step for ");
        Assert.Contains(nameof(A_spin_without_a_scheduling_point_is_given_up), verdict.Message, StringComparison.Ordinal); // Where its last step was.
        Assert.NotEmpty(verdict.Story);
    }

    [Fact]
    public async Task A_wait_outside_is_given_up()
    {
        using var never = new ManualResetEventSlim();
        Verdict verdict = await Explore(stage =>
        {
            var shared = new Shared();
            stage.NewThread("first", () => shared.Word.Read());
            stage.NewThread("blocked", () =>
            {
                shared.Word.Write(1);
                never.Wait(Patience);
            });
        });
        never.Set();
        MustBeStalled(verdict, "Thread 'blocked' has made no step for ");
    }

    [Fact]
    public async Task An_arrangement_that_blocks_is_given_up()
    {
        using var never = new ManualResetEventSlim();
        Verdict verdict = await Explore(_ => never.Wait(Patience));
        never.Set();
        MustBeStalled(verdict, "The arrangement, or a final check, has made no step for ");
    }

    [Fact]
    public async Task A_spin_that_never_pauses_runs_into_the_bound_of_steps()
    {
        Verdict verdict = await Explore(stage =>
        {
            var shared = new Shared();
            stage.NewThread("spinner", () =>
            {
                while (shared.Word.Read() == 0)
                {
                }
            });
            stage.NewThread("other", () => shared.Word.Write(1));
        });
        Assert.Contains("step bound: More than 2000 steps: does it ever end? spinner was at", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("Spinner.Pause", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_that_is_never_the_same_is_inconclusive()
    {
        int tellings = 0;
        Verdict verdict = await Explore(stage =>
        {
            var shared = new Shared();
            int telling = tellings++;
            stage.NewThread("a", () => shared.Word.Write(1));
            for (int i = 0; i <= telling % 3; i++)
                stage.NewThread($"b{i}", () => shared.Word.Read());
        });
        Assert.Equal(Outcome.Inconclusive, verdict.Outcome);
        Assert.Contains("not reproducible", verdict.Message, StringComparison.Ordinal);
        Assert.Throws<ViolatedException>(verdict.MustHold);
    }

    [Fact]
    public async Task A_trace_that_does_not_fit_is_inconclusive()
    {
        Scenario scenario = Scenario.Create("short", stage => stage.NewThread("a", () => new Shared().Word.Read()));
        Verdict verdict = await Task.Run(() => scenario.Replay("short:0:sc:ab"), TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(Outcome.Inconclusive, verdict.Outcome);
        Assert.Contains("The trace does not fit the program", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_of_a_scenario_that_is_over_is_refused()
    {
        Shared? kept = null;
        (await Explore(stage =>
        {
            var shared = kept = new Shared();
            stage.NewThread("a", () => shared.Word.Write(1));
        })).MustHold();
        Assert.Contains("that is over", Assert.Throws<InvalidOperationException>(() => kept!.Word.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locks_in_two_orders_and_a_park_without_a_permit_are_deadlocks_with_names()
    {
        Verdict locks = await Explore(stage =>
        {
            AtomicLock left = new(), right = new();
            stage.NewThread("a", () => Both(left, right));
            stage.NewThread("b", () => Both(right, left));
        });
        Assert.Contains("deadlock: a waits for ", locks.Message, StringComparison.Ordinal);
        Verdict parks = await Explore(stage =>
        {
            var parker = new Parker();
            stage.NewThread("sleeper", () => parker.Park());
        });
        Assert.Contains("deadlock: sleeper sleeps on ", parks.Message, StringComparison.Ordinal);
        Verdict twice = await Explore(stage => stage.NewThread("a", () => new AtomicLock().Exit()));
        Assert.Contains("misuse: a gives a lock back that nobody holds", twice.Message, StringComparison.Ordinal);

        static void Both(AtomicLock first, AtomicLock second)
        {
            first.Enter();
            second.Enter();
            second.Exit();
            first.Exit();
        }
    }

    [Fact]
    public async Task An_exception_of_a_thread_or_a_final_check_is_a_violation()
    {
        Verdict thread = await Explore(stage => stage.NewThread("a", () => throw new FormatException("Oh.")));
        Assert.Equal("exception: a: FormatException: Oh.", thread.Message);
        Verdict check = await Explore(stage => stage.Finally(() => Assert.Fail("At the end.")));
        Assert.Contains("At the end.", check.Message, StringComparison.Ordinal);
        Assert.Contains("Oh.", Assert.Throws<ViolatedException>(thread.MustHold).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_names_and_traces_out_of_range_are_refused()
    {
        Scenario scenario = Scenario.Create("fine", _ => { });
        Assert.Throws<ArgumentException>(() => scenario.Explore(new ExploreOptions { Strategy = Strategy.Pct, Preemptions = 1 }));
        Assert.Throws<ArgumentException>(() => scenario.Explore(new ExploreOptions { Preemptions = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => scenario.Explore(new ExploreOptions { Strategy = (Strategy)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => scenario.Explore(new ExploreOptions { Executions = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => scenario.Explore(new ExploreOptions { Time = TimeSpan.Zero }));
        Assert.Throws<ArgumentNullException>(() => scenario.Explore(new ExploreOptions { Model = null! }));
        Assert.Throws<ArgumentException>(() => Scenario.Create("two words", _ => { }));
        Assert.Throws<FormatException>(() => scenario.Replay("nonsense"));
        Assert.Throws<FormatException>(() => scenario.Replay("fine:0:sc:?"));
        Assert.Throws<FormatException>(() => scenario.Replay("fine:0:sc:a<"));
        Assert.Throws<FormatException>(() => scenario.Replay("fine:0:tso:a>?"));
        Assert.Throws<FormatException>(() => scenario.Replay("fine:0:sc:a2000000000"));
        Assert.Throws<FormatException>(() => scenario.Replay("fine:0:sc:a99999999999999999999"));
        Assert.Throws<ArgumentException>(() => scenario.Replay("fine:1:sc:a"));
        Assert.Throws<ArgumentException>(() => scenario.Replay("other:0:sc:a"));
        Assert.Throws<ArgumentException>(() => scenario.Replay("fine:0:alpha:a"));
        Assert.Throws<InvalidOperationException>(() => Check.That(false, "Outside."));
    }

    private static void MustBeStalled(Verdict verdict, string who)
    {
        Assert.Equal(Outcome.Violated, verdict.Outcome);
        Assert.Contains(who, verdict.Message, StringComparison.Ordinal);
        Assert.Contains("it spins without a scheduling point, or blocks outside", verdict.Message, StringComparison.Ordinal);
    }

    private static async Task<Verdict> Explore(Action<Stage> arrange, Action<Budget>? change = null, Strategy strategy = Strategy.Exhaustive, int stepBound = 2_000)
    {
        var budget = new Budget();
        change?.Invoke(budget);
        var options = new ExploreOptions { Strategy = strategy, Executions = budget.Executions };
        return await Task.Run(() => new Told(arrange, stepBound).Explore(options), TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private sealed class Told(Action<Stage> arrange, int stepBound) : Scenario
    {
        public override string Name => "told";

        public override int StepBound => stepBound;

        public override void Arrange(Stage stage) => arrange(stage);
    }

    private sealed class Budget
    {
        internal long Executions { get; set; } = 1_000;
    }

    private sealed class Shared
    {
#pragma warning disable CA1051 // Words are fields.
        internal AtomicLong Word;
        internal AtomicReference<string> Link;
#pragma warning restore CA1051
    }

    private readonly struct NoPause
    {
        internal void Sleep() => Thread.Sleep(1);
    }
}
