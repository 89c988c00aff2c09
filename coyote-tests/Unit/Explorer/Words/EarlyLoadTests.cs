using Percpu.Interleavings;

namespace Percpu.Unit.Explorer.Words;

/// <summary>What loads may show where they can be early, and that the reduction leaves none of it out.</summary>
public sealed class EarlyLoadTests
{
    public enum Reads
    {
        Relaxed,
        Acquiring,
        Fenced,
    }

    // MP: who sees the flag sees the data, unless the data was read before it.
    [Theory]
    [InlineData("sc", Reads.Relaxed, "00 01 11")]
    [InlineData("tso", Reads.Relaxed, "00 01 11")]
    [InlineData("arm64", Reads.Relaxed, "00 01 10 11")]
    [InlineData("arm64", Reads.Acquiring, "00 01 11")]
    [InlineData("arm64", Reads.Fenced, "00 01 11")]
    public void Message_passing(string model, Reads reads, string allowed) => Shows(model, allowed, (stage, seen) =>
    {
        var words = new WordPair();
        stage.NewThread("writer", () =>
        {
            words.X.WriteRelaxed(1);
            words.Y.Write(1);
        });
        stage.NewThread("reader", () =>
        {
            long flag = reads == Reads.Acquiring ? words.Y.Read() : words.Y.ReadRelaxed();
            if (reads == Reads.Fenced)
                Fence.Read();
            seen.Add($"{flag}{words.X.ReadRelaxed()}");
        });
    });

    // CoRR: two reads of one word never go back.
    [Theory]
    [InlineData("arm64")]
    public void A_word_never_goes_back(string model) => Shows(model, "00 01 02 11 12 22", (stage, seen) =>
    {
        var words = new WordPair();
        stage.NewThread("writer", () =>
        {
            words.X.Write(1);
            words.X.Write(2);
        });
        stage.NewThread("reader", () => seen.Add($"{words.X.ReadRelaxed()}{words.X.ReadRelaxed()}"));
    });

    // What a thread has written, it reads, or what was written after that.
    [Fact]
    public void A_thread_reads_nothing_older_than_what_it_wrote() => Shows("arm64", "1 2", (stage, seen) =>
    {
        var words = new WordPair();
        stage.NewThread("writer", () => words.X.Exchange(1));
        stage.NewThread("reader", () =>
        {
            words.X.Exchange(2);
            seen.Add($"{words.X.ReadRelaxed()}");
        });
    });

    // SB, with an interlocked operation in place of a fence on one side.
    [Theory]
    [InlineData("sc", "01 10 11")]
    [InlineData("tso", "00 01 10 11")]
    [InlineData("arm64", "00 01 10 11")]
    public void Store_buffering(string model, string allowed) => Shows(model, allowed, (stage, seen) =>
    {
        var words = new WordPair();
        long fromX = -1, fromY = -1;
        stage.NewThread("a", () =>
        {
            words.X.Write(1);
            fromY = words.Y.Read();
        });
        stage.NewThread("b", () =>
        {
            words.Y.Exchange(1);
            fromX = words.X.Read();
        });
        stage.Finally(() => seen.Add($"{fromY}{fromX}"));
    });

    // IRIW: with acquiring loads all threads see the writes in one order.
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Independent_reads_of_independent_writes(bool acquiring, bool mayDiffer)
    {
        SortedSet<string> seen = Explored("arm64", null, (stage, found) =>
        {
            var words = new WordPair();
            string first = "", second = "";
            stage.NewThread("x", () => words.X.Write(1));
            stage.NewThread("y", () => words.Y.Write(1));
            stage.NewThread("xy", () => first = $"{Read(ref words.X)}{Read(ref words.Y)}");
            stage.NewThread("yx", () => second = $"{Read(ref words.Y)}{Read(ref words.X)}");
            stage.Finally(() => found.Add(first + second));
        });
        Assert.Equal(mayDiffer, seen.Contains("1010"));
        Assert.Contains("1111", seen);

        long Read(ref AtomicLong word) => acquiring ? word.Read() : word.ReadRelaxed();
    }

    // A loop that waits sees the change at last, however early its loads are.
    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    [InlineData("arm64")]
    public void A_loop_that_pauses_sees_the_change(string model)
    {
        Scenario scenario = Scenario.Create("waits", stage =>
        {
            var words = new WordPair();
            stage.NewThread("writer", () => words.X.Write(1));
            stage.NewThread("waiter", () =>
            {
                var spinner = new Spinner();
                while (words.X.ReadRelaxed() == 0)
                    spinner.Pause();
            });
        });
        Assert.True(scenario.Explore(PublicModels.Of(model)).MustHold().Exhausted);
    }

    [Fact]
    public void Strategies_find_a_torn_message_and_repeat_themselves()
    {
        foreach (ExploreOptions options in (ExploreOptions[])[new() { Strategy = Strategy.Pct }, new() { Strategy = Strategy.Random }, new() { Preemptions = 2 }])
        {
            Scenario scenario = Scenario.Create("message", stage =>
            {
                var words = new WordPair();
                stage.NewThread("writer", () =>
                {
                    words.X.WriteRelaxed(1);
                    words.Y.Write(1);
                });
                stage.NewThread("reader", () => Check.That(words.Y.ReadRelaxed() == 0 || words.X.ReadRelaxed() == 1, "torn"));
            });
            Verdict verdict = scenario.Explore(options with { Model = MemoryModel.Arm64, Executions = 10_000 });
            Assert.Equal("check: torn", verdict.Message);
            Assert.Equal(verdict.Trace, scenario.Explore(options with { Model = MemoryModel.Arm64, Executions = 10_000 }).Trace);
            Verdict again = scenario.Replay(verdict.Trace);
            Assert.Equal((verdict.Message, verdict.Trace), (again.Message, again.Trace));
            Assert.Equal(verdict.Story, again.Story);
        }
    }

    private static void Shows(string model, string allowed, Action<Stage, SortedSet<string>> arrange)
    {
        Assert.Equal(allowed, string.Join(' ', Explored(model, null, arrange)));
        Assert.Equal(allowed, string.Join(' ', Explored(model, 1_000, arrange))); // Without reduction, the same.
    }

    private static SortedSet<string> Explored(string model, int? preemptions, Action<Stage, SortedSet<string>> arrange)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        Scenario scenario = Scenario.Create("litmus", stage => arrange(stage, seen));
        Assert.True(scenario.Explore(new ExploreOptions { Model = PublicModels.Of(model), Preemptions = preemptions, Executions = 1_000_000 }).MustHold().Exhausted);
        return seen;
    }
}
