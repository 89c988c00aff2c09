extern alias interleavings;
using Atomic = interleavings::Percpu.Memory.Atomic;

namespace Percpu.Unit.Explorer;

/// <summary>The small programs of <see cref="LitmusTests"/> with stores that are not released and reads for whose value nobody waits: what these overtake under arm64, and under no other model.</summary>
public sealed unsafe class Arm64LitmusTests
{
    // MP with stores that are not released: arm64 lets them overtake each other, a release or a fence between does not.
    [Theory]
    [InlineData("tso", false, false, "00 01 11")]
    [InlineData("arm64", false, false, "00 01 10 11")]
    [InlineData("arm64", true, false, "00 01 11")]
    [InlineData("arm64", false, true, "00 01 11")]
    public void Message_passing_by_plain_stores(string model, bool release, bool fence, string allowed)
    {
        var seen = new SortedSet<string>();
        var scenario = new TestScenario(stage =>
        {
            long* data = stage.Word("data");
            long* flag = stage.Word("flag");
            stage.NewThread("sender", () =>
            {
                Atomic.StoreLocal(data, 1);
                if (fence)
                    Atomic.LightFence();
                if (release)
                    Atomic.StoreRelease(flag, 1);
                else
                    Atomic.StoreLocal(flag, 1);
            });
            stage.NewThread("receiver", () =>
            {
                long flagged = Atomic.LoadAcquire(flag);
                seen.Add($"{flagged}{Atomic.LoadAcquire(data)}");
            });
        });
        Assert.True(scenario.Run(model).Exhausted);
        Assert.Equal(allowed, string.Join(' ', seen));
    }

    // A release keeps what is before it before it, not what is after it after it.
    [Fact]
    public void A_plain_store_overtakes_a_release_before_it()
    {
        var seen = new SortedSet<string>();
        var scenario = new TestScenario(stage =>
        {
            long* x = stage.Word("x");
            long* y = stage.Word("y");
            stage.NewThread("sender", () =>
            {
                Atomic.StoreRelease(x, 1);
                Atomic.StoreLocal(y, 1);
            });
            stage.NewThread("receiver", () =>
            {
                long fromY = Atomic.LoadAcquire(y);
                seen.Add($"{fromY}{Atomic.LoadAcquire(x)}");
            });
        });
        Assert.True(scenario.Run("arm64").Exhausted);
        Assert.Contains("10", seen);
    }

    // LB: each thread reads a word, waits for no value, and stores to the other one. Both may see the other's store only where
    // a read can come after a later store; a release keeps it before.
    [Theory]
    [InlineData("sc", false, "00 01 10")]
    [InlineData("tso", false, "00 01 10")]
    [InlineData("arm64", false, "00 01 10 11")]
    [InlineData("arm64-full", false, "00 01 10 11")]
    [InlineData("arm64", true, "00 01 10")]
    public void Load_buffering(string model, bool release, string allowed)
    {
        var seen = new SortedSet<string>();
        var scenario = new TestScenario(stage =>
        {
            long* x = stage.Word("x");
            long* y = stage.Word("y");
            long fromX = -1, fromY = -1;
            stage.NewThread("a", () =>
            {
                stage.Use(x, value => (fromX = value) >= 0, "");
                Store(y, release);
            });
            stage.NewThread("b", () =>
            {
                stage.Use(y, value => (fromY = value) >= 0, "");
                Store(x, release);
            });
            stage.Finally(() => seen.Add($"{fromX}{fromY}"));
        });
        Assert.True(scenario.Run(model).Exhausted);
        Assert.Equal(allowed, string.Join(' ', seen));

        static void Store(long* word, bool release)
        {
            if (release)
                Atomic.StoreRelease(word, 1);
            else
                Atomic.StoreLocal(word, 1);
        }
    }

    // A read comes before its own thread's later store of that word, before a full fence, and before the end of the thread.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_late_read_stays_before_a_store_of_its_word_and_before_a_fence(bool fence)
    {
        var seen = new SortedSet<long>();
        var scenario = new TestScenario(stage =>
        {
            long* x = stage.Word("x");
            long* y = stage.Word("y");
            long fromX = -1;
            stage.NewThread("a", () =>
            {
                stage.Use(x, value => (fromX = value) >= 0, "");
                if (fence)
                    Atomic.FullFence();
                Atomic.StoreLocal(fence ? y : x, 1);
            });
            stage.NewThread("b", () =>
            {
                if (Atomic.LoadAcquire(y) == 1)
                    Atomic.StoreRelease(x, 1);
            });
            stage.Finally(() => seen.Add(fromX));
        });
        Assert.True(scenario.Run("arm64").Exhausted);
        Assert.Equal([0], seen);
    }
}
