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
