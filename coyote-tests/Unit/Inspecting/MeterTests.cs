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
        Assert.True(meter.Last("percpu.ref.uncollected") >= 4);
        Assert.True(meter.Last("percpu.ref.dying") >= 1); // The slab's.
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
    public void Every_instrument_has_the_kind_and_the_unit_that_are_documented_and_says_in_a_sentence_what_it_counts()
    {
        using var pool = new SlabPool(); // Those of pools come with the first one.
        using var meter = new Listener();
        string[] told = [.. File.ReadLines(Repository.At("docs/embedding.md")).Where(line => line.StartsWith("| `percpu.", StringComparison.Ordinal)).Select(line => string.Join('|', line.Split('|')[..4]))];
        Assert.Equal(told.Order(), meter.Instruments.Select(each => $"| `{each.Name}` | {KindOf(each)} | `{each.Unit}` ").Order());
        Assert.All(meter.Instruments, each => Assert.Matches(@"^[A-Z].* .*\.$", each.Description));
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        Histogram<double> => "histogram",
        ObservableUpDownCounter<long> => "up-down counter",
        _ => instrument.GetType().Name,
    };

    [Fact]
    public void Killed_memory_counts_as_retired_by_whatever_call_it_was_killed()
    {
        Action<NativeSlab>[] ways = [slab => slab.Reference.Kill(), slab => slab.Reference.Dispose(), slab => PercpuRef.KillAll([slab.Reference]), slab => slab.Dispose(), slab => slab.Reference.KillAndConfirm(static _ => { })];
        const long length = 1L << 32; // More than other tests have; nothing stands behind it.
        foreach (Action<NativeSlab> kill in ways)
        {
            long before = Percpu.Memory.MappedTotals.Retired;
            var slab = NativeSlab.Allocate(length);
            HeldPin pin = slab.Hold();
            kill(slab);
            Assert.InRange(Percpu.Memory.MappedTotals.Retired, before + length - (1 << 30), long.MaxValue);
            slab.Dispose();
            Assert.InRange(Percpu.Memory.MappedTotals.Retired, 0, before + length + (1 << 30));
            pin.Dispose();
            Assert.InRange(Percpu.Memory.MappedTotals.Retired, 0, before + (1 << 30));
        }
    }

    [Fact]
    public void References_are_counted_by_what_they_are_and_retired_callbacks_while_they_wait()
    {
        const int many = 20_000; // More than tests beside this one begin or end meanwhile.
        using var meter = new Listener();
        meter.Observe();
        double live = meter.Last("percpu.ref.live"), dying = meter.Last("percpu.ref.dying"), uncollected = meter.Last("percpu.ref.uncollected"), retired = meter.Last("percpu.epoch.retired");
        PercpuRef[] references = [.. Enumerable.Range(0, many).Select(_ => new PercpuRef())];
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        for (int i = 0; i < many; i++)
            domain.Retire(static () => { });
        Assert.Equal(many, domain.RetiredCount);
        meter.Observe();
        Assert.InRange(meter.Last("percpu.ref.live") - live, many / 2, many * 2);
        Assert.InRange(meter.Last("percpu.epoch.retired") - retired, many / 2, many * 2);
        Array.ForEach(references, each => each.Get());
        PercpuRef.KillAll(references);
        domain.Barrier();
        Assert.Equal(0, domain.RetiredCount);
        meter.Observe();
        Assert.InRange(meter.Last("percpu.ref.live") - live, -many / 2, many / 2);
        Assert.InRange(meter.Last("percpu.ref.dying") - dying, many / 2, many * 2);
        Assert.InRange(meter.Last("percpu.epoch.retired") - retired, -many / 2, many / 2);
        Array.ForEach(references, each => each.Put());
        meter.Observe();
        Assert.InRange(meter.Last("percpu.ref.dying") - dying, -many / 2, many / 2);
        Assert.InRange(meter.Last("percpu.ref.uncollected") - uncollected, many / 2, many * 2); // Held by this array only.
        GC.KeepAlive(references);
    }

    [Fact]
    public void A_batch_that_hangs_in_a_callback_still_counts_as_waiting()
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        var seen = new List<long>();
        for (int i = 0; i < 3; i++)
            domain.Retire(() => seen.Add(domain.RetiredCount));
        domain.Retire(() => domain.Retire(static () => { })); // Stays for the next time.
        Assert.Equal(4, domain.RetiredCount);
        domain.Reclaim();
        Assert.Equal([4, 3, 2], seen);
        Worker.RunWaiting("the callback that a callback retired", domain.Dispose);
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
                Instruments.Add(instrument);
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

        internal ConcurrentBag<Instrument> Instruments { get; } = [];

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
