using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Reflection;
using System.Runtime.Loader;
using Percpu.Unit.Support;

namespace Percpu.Unit.Failures;

/// <summary>Listeners of events and metrics are user code, which runs in the middle of kills and releases.</summary>
public sealed class HostileListenerTests
{
    [Fact]
    public void I71_a_listener_of_events_that_throws_keeps_nothing_from_its_end()
    {
        using var listener = new Listener();
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        reference.Get();
        reference.Kill();
        reference.Put();
        Assert.Equal(1, released);
        Assert.Throws<InvalidOperationException>(reference.Put); // Misuse: an event, too.
        var failing = new PercpuRef(static _ => throw new FormatException());
        Assert.Throws<FormatException>(failing.Kill);
        Assert.True(failing.IsZero && failing.Released.IsFaulted);
        Assert.True(listener.Heard > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // It waits, and is interrupted: the interrupt meets the next wait of the thread instead.
    public void I71_a_listener_of_metrics_that_throws_when_an_instrument_is_published_does_not_break_the_library(bool interrupted)
    {
        // In a context of its own: an instrument is published once.
        var context = new AssemblyLoadContext("hostile listener", isCollectible: true);
        var heard = new HashSet<string>();
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = static (instrument, _) =>
            {
                if (instrument.Meter.Name == "Percpu")
                    t_hostile?.Invoke();
            };
            listener.Start();
            Assembly library = context.LoadFromAssemblyPath(typeof(PercpuRef).Assembly.Location);
            Type type = library.GetType("Percpu.PercpuRef")!;
            object? reference = null;
            bool isPending = RunHostile(interrupted, () =>
                reference = Activator.CreateInstance(type, [null, Enum.ToObject(library.GetType("Percpu.PercpuRefOptions")!, 0)])!);
            Assert.Equal(interrupted, isPending);
            object meter = library.GetType("Percpu.Memory.PercpuMeter")!.GetField("Meter", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
            using var counting = new MeterListener();
            counting.InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                    self.EnableMeasurementEvents(instrument);
            };
            counting.SetMeasurementEventCallback<long>((instrument, _, _, _) => heard.Add(instrument.Name));
            counting.Start();
            type.GetMethod("Kill")!.Invoke(reference, null);
            Assert.True((bool)type.GetProperty("IsZero")!.GetValue(reference)!);
        }
        Assert.Contains("percpu.ref.kills", heard); // And the others still hear everything.
        Assert.Contains("percpu.ref.releases", heard);
        context.Unload();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I71_a_listener_of_metrics_that_throws_when_it_hears_a_kill_keeps_nothing_from_its_end_and_takes_no_interrupt(bool interrupted)
    {
        var reference = new PercpuRef();
        int heard = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == "Percpu")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            if (t_hostile is null)
                return; // Another test's.
            heard++;
            t_hostile();
        });
        listener.Start();
        Assert.Equal(interrupted, RunHostile(interrupted, reference.Kill));
        Assert.True(heard > 0);
        Assert.True(reference.IsZero && reference.Released.IsCompletedSuccessfully);
    }

    /// <summary>Runs what listeners hear of on a thread whose listeners throw. Returns whether that thread is left with an interrupt.</summary>
    private static bool RunHostile(bool interrupted, Action body)
    {
        bool isPending = false;
        Worker.Run(() =>
        {
            t_hostile = interrupted
                ? static () =>
                {
                    Thread.CurrentThread.Interrupt();
                    Thread.Sleep(1);
                }
                : static () => throw new HostileException();
            body();
            t_hostile = null;
            isPending = Caught.By(static () => Thread.Sleep(1)) is ThreadInterruptedException;
        });
        return isPending;
    }

    [ThreadStatic]
    private static Action? t_hostile;

    private sealed class Listener : EventListener
    {
        private int _heard;

        internal int Heard => Volatile.Read(ref _heard);

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Percpu")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            Interlocked.Increment(ref _heard);
            throw new HostileException();
        }
    }
}
