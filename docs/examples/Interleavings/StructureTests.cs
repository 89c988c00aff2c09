using Percpu;
using Percpu.Interleavings;

namespace InterleavingTests;

/// <summary>Three structures: each holds in every execution there is, and each of its faults shows under the memory models that have it.</summary>
public sealed class StructureTests(ITestOutputHelper output)
{
    public static TheoryData<string> Models => ["sc", "tso", "arm64"];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_stack_holds(string model) => Holds(Stack(StackFault.None), model);

    [Theory]
    [InlineData(StackFault.NoReadSection, "sc")]
    [InlineData(StackFault.NoReadSection, "tso")]
    [InlineData(StackFault.NoReadSection, "arm64")]
    [InlineData(StackFault.FreesAtOnce, "sc")]
    [InlineData(StackFault.FreesAtOnce, "tso")]
    [InlineData(StackFault.FreesAtOnce, "arm64")]
    public void A_stack_that_frees_too_early_is_found_under_every_model(StackFault fault, string model) => Fails(Stack(fault), model, "Use after free");

    [Theory]
    [MemberData(nameof(Models))]
    public void The_deque_holds(string model) => Holds(Deque(fenced: true), model);

    [Fact]
    public void A_deque_without_its_fence_holds_where_no_store_waits() => Holds(Deque(fenced: false), "sc");

    [Theory]
    [InlineData("tso")]
    [InlineData("arm64")]
    public void A_deque_without_its_fence_gives_an_item_twice_where_stores_wait(string model) => Fails(Deque(fenced: false), model, "taken twice");

    [Theory]
    [MemberData(nameof(Models))]
    public void The_sequence_lock_holds(string model) => Holds(Pair(acquires: true), model);

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    public void A_sequence_lock_without_its_acquire_holds_where_loads_stay_in_order(string model) => Holds(Pair(acquires: false), model);

    [Fact]
    public void A_sequence_lock_without_its_acquire_is_torn_where_loads_may_be_early() => Fails(Pair(acquires: false), "arm64", "torn");

    private static Scenario Stack(StackFault fault) => Scenario.Create($"stack-{fault}", stage =>
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        var stack = new TreiberStack(domain, fault);
        stack.Push(1);
        stack.Push(2);
        long first = 0, second = 0;
        stage.NewThread("popper", () => stack.TryPop(out first));
        stage.NewThread("reclaimer", () =>
        {
            stack.TryPop(out second);
            stack.Reclaim();
        });
        stage.Finally(() =>
        {
            domain.Dispose();
            Check.That(first + second == 3, $"Popped {first} and {second}.");
        });
    });

    private static Scenario Deque(bool fenced) => Scenario.Create($"deque-{fenced}", stage =>
    {
        var deque = new ChaseLevDeque(4, fenced);
        deque.Push(1);
        deque.Push(2);
        long sum = 0;
        int taken = 0;
        stage.NewThread("owner", () => Take(deque.TryPop(out long item), item));
        stage.NewThread("thief", () =>
        {
            Take(deque.TrySteal(out long item), item);
            Take(deque.TrySteal(out item), item);
        });
        stage.Finally(() =>
        {
            while (deque.TryPop(out long item))
                Take(true, item);
            Check.That(taken == 2 && sum == 3, $"{taken} items, {sum} in all: one was taken twice.");
        });

        void Take(bool success, long item)
        {
            taken += success ? 1 : 0;
            sum += success ? item : 0;
        }
    });

    private static Scenario Pair(bool acquires) => Scenario.Create($"pair-{acquires}", stage =>
    {
        var pair = new SequenceLock(acquires);
        stage.NewThread("writer", () => pair.Write(1, 1));
        stage.NewThread("reader", () => Check.That(!pair.TryRead(out long first, out long second) || first == second, $"The pair is torn: {first}, {second}."));
    });

    private void Holds(Scenario scenario, string model)
    {
        Verdict verdict = scenario.Explore(ModelOf(model)).MustHold();
        output.WriteLine(verdict.ToString());
        Assert.True(verdict.Exhausted, "Too large to be explored to the end.");
    }

    private void Fails(Scenario scenario, string model, string message)
    {
        Verdict verdict = scenario.Explore(ModelOf(model));
        output.WriteLine(verdict.ToString());
        Assert.Equal(Outcome.Violated, verdict.Outcome);
        Assert.Contains(message, verdict.Message, StringComparison.Ordinal);

        // The same once more, from the text alone.
        Verdict again = scenario.Replay(verdict.Trace);
        Assert.Equal(verdict.Message, again.Message);
        Assert.Equal(verdict.Story, again.Story);
    }

    private static MemoryModel ModelOf(string name) => name switch
    {
        "sc" => MemoryModel.Sequential,
        "tso" => MemoryModel.TotalStoreOrder,
        _ => MemoryModel.Arm64,
    };
}
