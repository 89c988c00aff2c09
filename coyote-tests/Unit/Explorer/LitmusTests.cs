extern alias interleavings;
using interleavings::Percpu.Interleavings.Running;
using Atomic = interleavings::Percpu.Memory.Atomic;

namespace Percpu.Unit.Explorer;

/// <summary>The small programs by which memory models are known: what each may show, it shows, and nothing else.</summary>
public sealed unsafe class LitmusTests
{
    public enum Between
    {
        Nothing,
        FullFence,
        AsymmetricFence,
        LightFences,
    }

    // SB: each thread stores to one word and loads the other. Both may load 0 only where a store can wait in a buffer.
    [Theory]
    [InlineData("sc", Between.Nothing, "01 10 11")]
    [InlineData("tso", Between.Nothing, "00 01 10 11")]
    [InlineData("tso", Between.FullFence, "01 10 11")]
    [InlineData("tso", Between.AsymmetricFence, "01 10 11")]
    [InlineData("tso", Between.LightFences, "00 01 10 11")]
    [InlineData("tso-full", Between.LightFences, "01 10 11")]
    [InlineData("tso-full", Between.AsymmetricFence, "01 10 11")]
    public void Store_buffering(string model, Between between, string allowed)
    {
        var seen = new SortedSet<string>();
        var scenario = new TestScenario(stage =>
        {
            long* x = stage.Word("x");
            long* y = stage.Word("y");
            long fromX = -1, fromY = -1;
            stage.NewThread("a", () =>
            {
                Atomic.StoreRelease(x, 1);
                Separate(between, light: true);
                fromY = Atomic.LoadAcquire(y);
            });
            stage.NewThread("b", () =>
            {
                Atomic.StoreRelease(y, 1);
                Separate(between, light: false);
                fromX = Atomic.LoadAcquire(x);
            });
            stage.Finally(() => seen.Add($"{fromY}{fromX}"));
        });
        RunResult result = scenario.Run(model);
        Assert.True(result.Exhausted);
        Assert.Equal(allowed, string.Join(' ', seen));
    }

    // MP: stores stay in order, so who sees the flag sees the data.
    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    public void Message_passing(string model)
    {
        var seen = new SortedSet<string>();
        var scenario = new TestScenario(stage =>
        {
            long* data = stage.Word("data");
            long* flag = stage.Word("flag");
            stage.NewThread("sender", () =>
            {
                Atomic.StoreRelease(data, 1);
                Atomic.StoreRelease(flag, 1);
            });
            stage.NewThread("receiver", () =>
            {
                long flagged = Atomic.LoadAcquire(flag);
                seen.Add($"{flagged}{Atomic.LoadAcquire(data)}");
            });
        });
        Assert.True(scenario.Run(model).Exhausted);
        Assert.Equal("00 01 11", string.Join(' ', seen));
    }

    // A thread reads its own store before anybody else does, and can see it before an older one of another thread.
    [Fact]
    public void Forwarding_lets_two_threads_see_their_own_stores_first()
    {
        var seen = new HashSet<string>();
        var scenario = new TestScenario(stage =>
        {
            long* x = stage.Word("x");
            long* y = stage.Word("y");
            string a = "", b = "";
            stage.NewThread("a", () =>
            {
                Atomic.StoreRelease(x, 1);
                a = $"{Atomic.LoadAcquire(x)}{Atomic.LoadAcquire(y)}";
            });
            stage.NewThread("b", () =>
            {
                Atomic.StoreRelease(y, 1);
                b = $"{Atomic.LoadAcquire(y)}{Atomic.LoadAcquire(x)}";
            });
            stage.Finally(() => seen.Add(a + b));
        });
        scenario.Run("tso");
        Assert.Contains("1010", seen);
        Assert.All(seen, outcome => Assert.True(outcome[0] == '1' && outcome[2] == '1', outcome));
    }

    // IRIW: stores of different threads reach memory in one order for all.
    [Fact]
    public void All_threads_see_independent_stores_in_one_order()
    {
        var seen = new HashSet<string>();
        var scenario = new TestScenario(stage =>
        {
            long* x = stage.Word("x");
            long* y = stage.Word("y");
            string c = "", d = "";
            stage.NewThread("a", () => Atomic.StoreRelease(x, 1));
            stage.NewThread("b", () => Atomic.StoreRelease(y, 1));
            stage.NewThread("c", () => c = $"{Atomic.LoadAcquire(x)}{Atomic.LoadAcquire(y)}");
            stage.NewThread("d", () => d = $"{Atomic.LoadAcquire(y)}{Atomic.LoadAcquire(x)}");
            stage.Finally(() => seen.Add(c + d));
        });
        Assert.True(scenario.Run("tso").Exhausted);
        Assert.Equal(15, seen.Count);
        Assert.DoesNotContain("1010", seen);
    }

    // A process-wide fence reaches its targets one by one. Here a's store comes after its own fence, and before b's: so a
    // still finds z empty, although c, after the fence, does not find a's x.
    [Fact]
    public void A_process_wide_fence_is_not_one_moment_for_all()
    {
        bool found = false;
        var scenario = new TestScenario(stage =>
        {
            long* x = stage.Word("x");
            long* z = stage.Word("z");
            long* q = stage.Word("q");
            long aFromZ = -1, bFromQ = -1, cFromX = -1;
            stage.NewThread("a", () =>
            {
                Atomic.StoreRelease(x, 1);
                aFromZ = Atomic.LoadAcquire(z);
            });
            stage.NewThread("b", () =>
            {
                Atomic.StoreRelease(z, 1);
                bFromQ = Atomic.LoadAcquire(q);
            });
            stage.NewThread("c", () =>
            {
                Atomic.StoreRelease(q, 1);
                Atomic.ProcessWideFence();
                cFromX = Atomic.LoadAcquire(x);
            });
            stage.Finally(() => found |= aFromZ == 0 && bFromQ == 0 && cFromX == 0);
        });
        Assert.True(scenario.Run("tso").Exhausted);
        Assert.True(found);
    }

    private static void Separate(Between between, bool light)
    {
        switch (between)
        {
            case Between.FullFence:
                Atomic.FullFence();
                break;
            case Between.LightFences:
            case Between.AsymmetricFence when light:
                Atomic.LightFence();
                break;
            case Between.AsymmetricFence:
                Atomic.ProcessWideFence();
                break;
        }
    }
}
