extern alias interleavings;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer.Words;

/// <summary>A story, a refusal and a bound say where in the source a step stands: there, and not a line beside it.</summary>
public sealed unsafe class StepPlaceTests
{
    private static readonly Operation[] All =
    [
        new(11, all => all.Word.Read("here", 11)),
        new(12, all => all.Word.ReadRelaxed("here", 12)),
        new(13, all => all.Word.Write(1, "here", 13)),
        new(14, all => all.Word.WriteRelaxed(2, "here", 14)),
        new(15, all => all.Word.Exchange(3, "here", 15)),
        new(16, all => all.Word.CompareExchange(4, 3, "here", 16)),
        new(17, all => all.Word.Add(1, "here", 17)),
        new(21, all => all.Link.Read("here", 21)),
        new(22, all => all.Link.Write("a", "here", 22)),
        new(23, all => all.Link.Exchange("b", "here", 23)),
        new(24, all => all.Link.CompareExchange("c", "x", "here", 24)),
        new(31, all => all.Gate.Enter("here", 31)),
        new(32, all => all.Gate.Exit("here", 32)),
        new(33, all => all.Gate.TryEnter("here", 33)),
        new(41, all => all.Parker.Unpark("here", 41)),
        new(42, all => all.Parker.Park(1_000, "here", 42)),
    ];

    [Fact]
    public void A_story_tells_each_step_with_the_line_of_its_call()
    {
        Verdict verdict = Scenario.Create("places", stage => stage.NewThread("a", () =>
        {
            var all = new Shared();
            foreach (Operation operation in All)
                operation.Run(all);
            all.Parker.Park(1_000, "asleep", 43);
            long* words = NativeWord.Allocate(1);
            NativeWord.Read(words, "here", 61);
            NativeWord.ReadRelaxed(words, "here", 62);
            NativeWord.Write(words, 1, "here", 63);
            NativeWord.WriteRelaxed(words, 2, "here", 64);
            NativeWord.Exchange(words, 3, "here", 65);
            NativeWord.CompareExchange(words, 4, 3, "here", 66);
            NativeWord.Add(words, 5, "here", 67);
            NativeWord.Free(words);
            Check.That(false, "Told.");
        })).Explore(MemoryModel.Sequential);
        Assert.Equal("check: Told.", verdict.Message);
        int[] here = [11, 12, 13, 14, 15, 16, 17, 21, 22, 23, 24, 31, 32, 33, 41, 41, 42, 61, 62, 63, 64, 65, 66, 67];
        Assert.Equal(here.Select(line => $"here:{line}"), Places(verdict.Story).Where(place => place.StartsWith("here:", StringComparison.Ordinal)));
        // No permit, to sleep, to wake since time passed, no permit.
        Assert.Equal(["asleep:43", "asleep:43", "asleep:43", "asleep:43"], Places(verdict.Story).Where(place => place.StartsWith("asleep:", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_story_tells_each_fence_with_the_line_of_its_call()
    {
        static void Fences()
        {
            Fence.Full("here", 51);
            Fence.Read("here", 52);
            Fence.Write("here", 53);
            Check.That(false, "Told.");
        }

        static IEnumerable<string> Told(IReadOnlyList<string> story) => Places(story).Where(place => place.StartsWith("here:", StringComparison.Ordinal));
        // One of reads is a step where loads may be early, one of writes where there is no process-wide fence.
        Assert.Equal(["here:51", "here:52"], Told(Scenario.Create("fences", stage => stage.NewThread("a", Fences)).Explore(MemoryModel.Arm64).Story));
        Assert.Equal(["here:51", "here:53"], Told(new TestScenario(stage => stage.NewThread("a", Fences)).Run("arm64-full").Story));
    }

    [Fact]
    public void A_step_of_the_checkers_own_has_no_line()
    {
        var scenario = new TestScenario(stage =>
        {
            Signal signal = stage.Signal("signal");
            Ghost ghost = stage.Ghost("ghost");
            long* word = stage.Word("word");
            ModelThread waiting = stage.NewThread("a", () =>
            {
                signal.Wait();
                stage.Throws<ThreadInterruptedException>(() => ModelThread.Current.Execution.Pause(ModelThread.Current), "It was not interrupted.");
                ModelThread.Current.Execution.Zero(ModelThread.Current, (long)word, sizeof(long), sizeof(long));
                stage.Use(word, value => value == 0, "It is 0.");
                stage.Check(false, "Told.");
            });
            stage.NewThread("b", () =>
            {
                ghost.Set(1);
                ghost.Use();
                signal.Set();
                stage.Interrupt(waiting);
            });
        });
        RunResult result = scenario.Run("sc");
        Assert.Equal("check: Told.", result.Message);
        Assert.Contains(result.Story, line => line.Contains("signal", StringComparison.Ordinal));
        Assert.All(result.Story, line => Assert.DoesNotMatch(@":\d+$", line));
    }

    [Fact]
    public void A_refusal_names_the_line_that_touches_a_word_of_another_scenario()
    {
        var left = new Shared();
        Scenario.Create("first", stage => stage.NewThread("a", () =>
        {
            left.Word.Read();
            left.Link.Read();
            left.Gate.Enter();
            left.Gate.Exit();
            left.Parker.Unpark();
        })).Explore(MemoryModel.Sequential).MustHold();
        foreach (Operation operation in All)
        {
            Verdict inside = Scenario.Create("second", stage => stage.NewThread("a", () => operation.Run(left))).Explore(MemoryModel.Sequential);
            Assert.Contains($"is touched, in here, line {operation.Line}:", inside.Message, StringComparison.Ordinal);
            InvalidOperationException outside = Assert.Throws<InvalidOperationException>(() => operation.Run(left));
            Assert.Contains($"is touched that is over, in here, line {operation.Line}.", outside.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_lock_that_nobody_holds_and_a_spin_without_end_are_told_with_their_lines()
    {
        Verdict given = Scenario.Create("given", stage => stage.NewThread("a", () => new AtomicLock().Exit("here", 32))).Explore(MemoryModel.Sequential);
        Assert.Equal("misuse: a gives a lock back that nobody holds, in here, line 32.", given.Message);
        var spinning = new TestScenario(stage =>
        {
            var shared = new Shared();
            stage.NewThread("a", () =>
            {
                while (shared.Word.Read("here", 11) == 0)
                {
                }
            });
        });
        Assert.StartsWith("step bound: More than 200 steps: does it ever end? a was at here:11. ", spinning.Run("sc").Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Places(IReadOnlyList<string> story) => story.Select(line => line.Split(' ')[^1]);

    private sealed record Operation(int Line, Action<Shared> Run);

    private sealed class Shared
    {
        internal AtomicLong Word;
        internal AtomicReference<string> Link;

        internal AtomicLock Gate { get; } = new();

        internal Parker Parker { get; } = new();
    }
}
