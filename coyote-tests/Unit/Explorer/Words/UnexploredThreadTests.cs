using System.Diagnostics;
using Percpu.Interleavings;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Words;

/// <summary>Locks, parks and native words on threads that nobody explores, and what they refuse.</summary>
public sealed unsafe class UnexploredThreadTests
{
    [Fact]
    public void A_lock_is_taken_by_one_thread_at_a_time_and_given_back_by_it_alone()
    {
        var gate = new AtomicLock();
        gate.Enter();
        bool? taken = null;
        Exception? refused = null;
        Worker.Run(() =>
        {
            taken = gate.TryEnter();
            refused = Record.Exception(() => gate.Exit());
        });
        Assert.False(taken);
        Assert.IsType<SynchronizationLockException>(refused);
        using var second = new Worker(() =>
        {
            gate.Enter();
            taken = true;
            gate.Exit();
        });
        Assert.False(second.Thread.Join(20));
        gate.Exit();
        second.Join("the lock");
        Assert.True(taken);
        Worker.Run(() =>
        {
            taken = gate.TryEnter();
            gate.Exit();
        });
        Assert.True(taken);
    }

    [Fact]
    public void A_permit_is_there_or_not_and_wakes_who_sleeps_for_it()
    {
        var parker = new Parker();
        parker.Unpark();
        parker.Unpark();
        Assert.True(parker.Park(0));
        Assert.False(parker.Park(0));
        foreach (int limit in (int[])[Timeout.Infinite, 600_000])
        {
            bool? woken = null;
            using var sleeper = new Worker(() => woken = parker.Park(limit));
            Assert.False(sleeper.Thread.Join(20));
            parker.Unpark();
            sleeper.Join("its permit");
            Assert.True(woken);
            Assert.False(parker.Park(0));
        }
    }

    [Fact]
    public void A_sleep_lasts_as_long_as_asked()
    {
        long began = Stopwatch.GetTimestamp();
        bool? woken = null;
        Worker.RunWaiting("the end of a sleep of 60 ms", () => woken = new Parker().Park(60));
        Assert.False(woken);
        Assert.True(Stopwatch.GetElapsedTime(began) > TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public void Native_words_are_zero_all_of_them_and_at_least_one()
    {
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => { NativeWord.Allocate(0); }).ParamName);
        Assert.Equal("millisecondsTimeout", Assert.Throws<ArgumentOutOfRangeException>(() => new Parker().Park(-2)).ParamName);
        for (int round = 0; round < 3; round++)
        {
            long* words = NativeWord.Allocate(64);
            Assert.Equal(-1, new Span<long>(words, 64).IndexOfAnyExcept(0));
            new Span<long>(words, 64).Fill(-1);
            NativeWord.Free(words);
        }
        NativeWord.Free(NativeWord.Allocate(1));
    }

    [Fact]
    public void Native_words_of_an_execution_are_as_many_as_asked()
    {
        Scenario.Create("words", stage => stage.NewThread("a", () =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => { NativeWord.Allocate(0); });
            long* words = NativeWord.Allocate(3);
            for (int i = 0; i < 3; i++)
                Assert.Equal(i, NativeWord.Add(words + i, i));
            NativeWord.Free(words);
            NativeWord.Free(null);
        })).Explore(MemoryModel.TotalStoreOrder).MustHold();
        Verdict beyond = Scenario.Create("beyond", stage => stage.NewThread("a", () => NativeWord.Read(NativeWord.Allocate(3) + 3))).Explore(MemoryModel.Sequential);
        Assert.StartsWith("memory: Access outside every block: ", beyond.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_of_options_are_those_that_they_tell()
    {
        static string? Refused(ExploreOptions options) => (Record.Exception(options.Validate) as ArgumentException)?.ParamName;
        Assert.Null(Refused(new ExploreOptions { Preemptions = 0, Executions = 1, Time = TimeSpan.FromTicks(1) }));
        Assert.Null(Refused(new ExploreOptions { Strategy = Strategy.Random, Time = Timeout.InfiniteTimeSpan, Seed = -5 }));
        Assert.Equal("Preemptions", Refused(new ExploreOptions { Preemptions = -1 }));
        Assert.Equal("Preemptions", Refused(new ExploreOptions { Preemptions = 0, Strategy = Strategy.Random }));
        Assert.Equal("Executions", Refused(new ExploreOptions { Executions = 0 }));
        Assert.Equal("Time", Refused(new ExploreOptions { Time = TimeSpan.Zero }));
        Assert.Equal("Time", Refused(new ExploreOptions { Time = TimeSpan.FromMilliseconds(-2) }));
        Assert.Equal("Strategy", Refused(new ExploreOptions { Strategy = (Strategy)3 }));
        Assert.Equal("Model", Refused(new ExploreOptions { Model = null! }));
        var options = new ExploreOptions();
        Assert.Equal((MemoryModel.Sequential, Strategy.Exhaustive, null, 1, null, Timeout.InfiniteTimeSpan), (options.Model, options.Strategy, options.Preemptions, options.Seed, options.Executions, options.Time));
    }

    [Fact]
    public void A_name_has_no_character_that_a_trace_or_a_shell_would_take_for_its_own()
    {
        foreach (char each in ": \t\r\n'\"")
            Assert.Equal("name", Assert.Throws<ArgumentException>(() => Scenario.Create($"a{each}b", _ => { })).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentException>(() => Scenario.Create("", _ => { })).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => Scenario.Create(null!, _ => { })).ParamName);
        Assert.Equal("arrange", Assert.Throws<ArgumentNullException>(() => Scenario.Create("a", null!)).ParamName);
        Scenario scenario = Scenario.Create("a-b_c.d", _ => { });
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => scenario.Explore((ExploreOptions)null!)).ParamName);
        Assert.Equal("trace", Assert.Throws<ArgumentNullException>(() => scenario.Replay(null!)).ParamName);
        Assert.Equal("trace", Assert.Throws<ArgumentException>(() => scenario.Replay("b:0:sc:")).ParamName);
        Assert.Equal("trace", Assert.Throws<ArgumentException>(() => scenario.Replay("a-b_c.d:1:sc:")).ParamName);
        Assert.Equal("Outside.", Assert.Throws<InvalidOperationException>(() => Check.That(false, "Outside.")).Message);
        Check.That(true, "Outside.");
    }
}
