using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Percpu.Memory;
using Percpu.Unit.Counting;
using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

/// <summary>How long a kill took is told to whoever listened when it began.</summary>
public sealed unsafe class KillDurationTests
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    [Fact]
    public void A_kill_that_began_before_anybody_listened_tells_no_duration_longer_than_itself()
    {
        using var warm = new PercpuRef(); // What is initialised once is not a part of the kill below.
        warm.Kill();
        var reference = new PercpuRef();
        long* state = &Inside.Words(reference)->State;
        WordLock.Enter(state);
        using var killer = new Worker(reference.Kill, "killer");
        Worker.AwaitTrue(() => (Atomic.LoadAcquire(state) & WordLock.Mask) == 2); // It has begun, and sleeps.
        using (var durations = new Durations())
        {
            WordLock.Exit(state);
            killer.Join("the lock of the switches");
            // Nothing, or, if a test beside this one has listened all the time, the truth.
            Assert.All(durations.Of(killer.Thread.ManagedThreadId), seconds => Assert.InRange(seconds, 0, _clock.Elapsed.TotalSeconds));
        }
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void Every_kill_tells_a_duration_that_lies_inside_the_call()
    {
        using var durations = new Durations();
        Action<PercpuRef>[] ways = [one => one.Kill(), one => one.Dispose(), one => one.KillAndConfirm(static _ => { }), one => Assert.True(one.TryKill()), one => PercpuRef.KillAll([one])];
        for (int i = 0; i < ways.Length; i++)
        {
            var reference = new PercpuRef();
            long before = Stopwatch.GetTimestamp();
            ways[i](reference);
            double most = Stopwatch.GetElapsedTime(before).TotalSeconds;
            double[] told = durations.Of(Environment.CurrentManagedThreadId);
            Assert.Equal(i + 1, told.Length);
            Assert.InRange(told[i], 0, most);
        }
    }

    [Theory]
    [InlineData("Kill")]
    [InlineData("KillAndConfirm")]
    [InlineData("Dispose")]
    [InlineData("TryKill")]
    public void A_kill_that_waits_for_another_switch_tells_that_time_too(string way)
    {
        using var durations = new Durations();
        var reference = new PercpuRef();
        long* state = &Inside.Words(reference)->State;
        WordLock.Enter(state);
        using var killer = new Worker(() =>
        {
            if (way == "Kill")
                reference.Kill();
            else if (way == "Dispose")
                reference.Dispose();
            else if (way == "TryKill")
                Assert.True(reference.TryKill());
            else
                reference.KillAndConfirm(static _ => { });
        });
        Worker.AwaitTrue(() => (Atomic.LoadAcquire(state) & WordLock.Mask) == 2); // It has begun, and sleeps.
        long asleep = Stopwatch.GetTimestamp();
        Thread.Sleep(5);
        double least = Stopwatch.GetElapsedTime(asleep).TotalSeconds;
        WordLock.Exit(state);
        killer.Join("the lock of the switches");
        Assert.InRange(Assert.Single(durations.Of(killer.Thread.ManagedThreadId)), least, _clock.Elapsed.TotalSeconds);
    }

    /// <summary>Hears how long kills took, and on which thread they were.</summary>
    private sealed class Durations : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(int Thread, double Seconds)> _heard = [];

        internal Durations()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, PercpuMeter.Meter) && instrument.Name == "percpu.ref.kill.duration")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => _heard.Enqueue((Environment.CurrentManagedThreadId, seconds)));
            _listener.Start();
        }

        internal double[] Of(int thread) => [.. _heard.Where(each => each.Thread == thread).Select(each => each.Seconds)];

        public void Dispose() => _listener.Dispose();
    }
}
