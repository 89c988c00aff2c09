using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

public sealed class MeterTests
{
    [Fact]
    public void The_meter_tells_kills_releases_durations_misuse_and_memory()
    {
        using var meter = new Listener();
        using var events = new PercpuEvents();
        var reference = new PercpuRef();
        reference.Kill();
        var batch = new[] { new PercpuRef(), new PercpuRef() };
        PercpuRef.KillAll(batch);
        Assert.Throws<InvalidOperationException>(reference.Put);
        var slab = NativeSlab.Allocate(1 << 20);
        HeldPin pin = slab.Hold();
        slab.Dispose();
        meter.Observe();

        // Tests run side by side: others may add to any of these.
        Assert.True(meter.Sum("percpu.ref.kills") >= 4);
        Assert.True(meter.Sum("percpu.ref.releases") >= 3);
        Assert.True(meter.Sum("percpu.ref.misuses") >= 1);
        Assert.True(meter.Sum("percpu.ref.kill.duration") > 0);
        Assert.True(meter.Last("percpu.ref.live") >= 4);
        Assert.True(meter.Last("percpu.stripes") >= 1);
        Assert.True(meter.Last("percpu.memory.mapped") >= 1 << 20);
        Assert.True(meter.Last("percpu.memory.retired") >= 1 << 20);
        Assert.Equal("By", meter.Units["percpu.memory.mapped"]);
        Assert.Equal("s", meter.Units["percpu.ref.kill.duration"]);
        Assert.InRange(meter.FirstBoundary, 1e-9, 1e-5); // Buckets for what lasts microseconds.
        Assert.NotEmpty(events.Heard("Killed", payload => (int)payload[0]! == 2));
        Assert.NotEmpty(events.Heard("Released", _ => true));
        pin.Dispose();
        GC.KeepAlive(batch);
    }

    [Fact]
    public void Without_a_listener_gets_puts_and_kills_allocate_nothing_for_the_meter()
    {
        var references = Enumerable.Range(0, 100).Select(_ => new PercpuRef()).ToArray();
        references[0].Kill();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < references.Length; i++)
        {
            references[i].TryGetLive();
            references[i].Put();
            references[i].Kill();
        }
        // Another test may listen meanwhile; even then an event is a few hundred bytes.
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000);
    }

    private sealed class Listener : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, double> _sums = [];
        private readonly ConcurrentDictionary<string, double> _last = [];

        internal Listener()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                // Not by its name: the checker's build of the same source has a meter of that name in this process too.
                if (!ReferenceEquals(instrument.Meter, Percpu.Memory.PercpuMeter.Meter))
                    return;
                Units[instrument.Name] = instrument.Unit;
                if (instrument is Histogram<double> { Advice.HistogramBucketBoundaries: [var first, ..] })
                    FirstBoundary = first;
                listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
            _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
            _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
            _listener.Start();
        }

        internal ConcurrentDictionary<string, string?> Units { get; } = [];

        internal double FirstBoundary { get; private set; }

        internal void Observe() => _listener.RecordObservableInstruments();

        internal double Sum(string name) => _sums.GetValueOrDefault(name);

        internal double Last(string name) => _last.GetValueOrDefault(name);

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value)
        {
            _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            _last[instrument.Name] = value;
        }
    }
}
