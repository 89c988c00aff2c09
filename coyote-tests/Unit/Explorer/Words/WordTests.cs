using Percpu.Interleavings;

namespace Percpu.Unit.Explorer.Words;

/// <summary>The words on threads that nobody explores, and what a scenario has to see of those that it does.</summary>
public sealed class WordTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Words_work_the_same_in_a_scenario_and_outside()
    {
        UseAll();
        Assert.True(Scenario.Create("uses", stage => stage.NewThread("a", UseAll)).Explore(MemoryModel.Arm64).MustHold().Exhausted);
    }

    [Fact]
    public async Task A_lock_and_a_park_work_on_threads_that_nobody_explores()
    {
        var gate = new AtomicLock();
        var parker = new Parker();
        long sum = 0;
        Task[] adders = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                gate.Enter();
                sum++;
                gate.Exit();
            }
        }))];
        await Task.WhenAll(adders).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(4_000, sum);
        Assert.False(parker.Park(0));
        Task<bool> sleeper = Task.Run(() => parker.Park(), TestContext.Current.CancellationToken);
        parker.Unpark();
        Assert.True(await sleeper.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.False(parker.Park(1));
    }

    [Fact]
    public void A_park_never_misses_its_permit_and_times_out_only_where_nobody_gives_one()
    {
        Scenario scenario = Scenario.Create("park", stage =>
        {
            var parker = new Parker();
            stage.NewThread("sleeper", () => Check.That(parker.Park(1_000), "It timed out."));
            stage.NewThread("waker", () => parker.Unpark());
        });
        Assert.True(scenario.Explore(MemoryModel.TotalStoreOrder).MustHold().Exhausted);
        Scenario alone = Scenario.Create("alone", stage => stage.NewThread("sleeper", () => Check.That(!new Parker().Park(1_000), "It got a permit.")));
        alone.Explore(MemoryModel.Sequential).MustHold();
    }

    [Fact]
    public void A_lock_excludes_and_without_it_an_update_is_lost()
    {
        Assert.True(Counter(locked: true).Explore(MemoryModel.TotalStoreOrder).MustHold().Exhausted);
        Verdict lost = Counter(locked: false).Explore(MemoryModel.Sequential);
        Assert.Equal("check: 1", lost.Message);
        Assert.Contains(lost.Story, line => line.Contains("count is 0", StringComparison.Ordinal));

        static Scenario Counter(bool locked) => Scenario.Create("counter", stage =>
        {
            var gate = new AtomicLock();
            var shared = new Shared();
            stage.Name(ref shared.Word, "count");
            for (int i = 0; i < 2; i++)
            {
                stage.NewThread($"adder{i}", () =>
                {
                    if (locked)
                        gate.Enter();
                    shared.Word.WriteRelaxed(shared.Word.ReadRelaxed() + 1);
                    if (locked)
                        gate.Exit();
                });
            }
            stage.Finally(() => Check.That(shared.Word.Read() == 2, $"{shared.Word.Read()}"));
        });
    }

    [Fact]
    public void References_are_told_by_type_and_a_lost_exchange_is_found()
    {
        Verdict verdict = Scenario.Create("slot", stage =>
        {
            var shared = new Shared();
            stage.Name(ref shared.Link, "slot");
            int taken = 0;
            shared.Link.Write("thing");
            for (int i = 0; i < 2; i++)
            {
                stage.NewThread($"taker{i}", () =>
                {
                    if (shared.Link.Read() is not null)
                    {
                        shared.Link.Write(null);
                        taken++;
                    }
                });
            }
            stage.Finally(() => Check.That(taken == 1, "Taken twice."));
        }).Explore(MemoryModel.Sequential);
        Assert.Equal("check: Taken twice.", verdict.Message);
        Assert.Contains(verdict.Story, line => line.Contains("slot is String#1", StringComparison.Ordinal));
        Assert.Contains(verdict.Story, line => line.Contains("slot = null", StringComparison.Ordinal));
    }

    [Fact]
    public unsafe void A_use_of_freed_native_words_is_found()
    {
        Verdict verdict = Scenario.Create("freed", stage =>
        {
            long* word = NativeWord.Allocate(1);
            stage.Name(word, "mine");
            stage.NewThread("user", () => NativeWord.Read(word));
            stage.NewThread("owner", () => NativeWord.Free(word));
        }).Explore(MemoryModel.Sequential);
        Assert.Equal("memory: Use after free: mine", verdict.Message);
    }

    private static unsafe void UseAll()
    {
        var shared = new Shared();
        shared.Word.Write(3);
        Assert.Equal(3, shared.Word.Read());
        shared.Word.WriteRelaxed(4);
        Assert.Equal(4, shared.Word.ReadRelaxed());
        Assert.Equal(4, shared.Word.Exchange(5));
        Assert.Equal(5, shared.Word.CompareExchange(6, 5));
        Assert.Equal(6, shared.Word.CompareExchange(7, 5));
        Assert.Equal(4, shared.Word.Add(-2));
        Assert.Equal(7, new AtomicLong(7).Read());
        Assert.Equal(long.MinValue, new AtomicLong(long.MinValue).Read());
        Assert.Null(shared.Link.Read());
        shared.Link.Write("a");
        Assert.Equal("a", shared.Link.Read());
        Assert.Equal("a", shared.Link.Exchange("b"));
        Assert.Equal("b", shared.Link.CompareExchange("c", "x"));
        string b = shared.Link.Read()!;
        Assert.Same(b, shared.Link.CompareExchange(null, b));
        Assert.Null(shared.Link.Read());
        Assert.Equal("d", new AtomicReference<string>("d").Read());
        Fence.Full();
        Fence.Read();
        Fence.Write();
        long* words = NativeWord.Allocate(2);
        NativeWord.Write(words, 1);
        NativeWord.WriteRelaxed(words + 1, 2);
        Assert.Equal(3, NativeWord.Read(words) + NativeWord.ReadRelaxed(words + 1));
        Assert.Equal(1, NativeWord.Exchange(words, 5));
        Assert.Equal(5, NativeWord.CompareExchange(words, 6, 5));
        Assert.Equal(8, NativeWord.Add(words, 2));
        NativeWord.Free(words);
        NativeWord.Free(null);
        var gate = new AtomicLock();
        gate.Enter();
        gate.Exit();
        Assert.True(gate.TryEnter());
        gate.Exit();
        var parker = new Parker();
        parker.Unpark();
        Assert.True(parker.Park());
        Assert.False(parker.Park(0));
    }

    private sealed class Shared
    {
        internal AtomicLong Word;
        internal AtomicReference<string> Link;
    }
}
