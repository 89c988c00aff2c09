using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

/// <summary>What the meter and the events count, exactly, in a process where nobody else adds to it.</summary>
public sealed class ExactMeterTests
{
    private const string Hearing = """
        using System.Diagnostics.Metrics;
        using System.Diagnostics.Tracing;
        using Percpu;

        Dictionary<string, double> sums = [];
        List<double> durations = [];
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Percpu" && !instrument.IsObservable)
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (sums)
                sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + value;
        });
        meters.SetMeasurementEventCallback<double>((_, value, _, _) => durations.Add(value));
        meters.Start();
        double Sum(string name)
        {
            lock (sums)
                return sums.GetValueOrDefault(name);
        }

        """;

    private const string Hearer = """

        sealed class Listener(Action<EventWrittenEventArgs> hear) : EventListener
        {
            protected override void OnEventSourceCreated(EventSource source)
            {
                if (source.Name == "Percpu")
                    EnableEvents(source, EventLevel.Verbose);
            }

            protected override void OnEventWritten(EventWrittenEventArgs data) => hear(data);
        }
        """;

    [Fact]
    public void Kills_releases_and_misuses_are_counted_one_by_one() => Assert.Equal("kills 7, releases 6, misuses 1, drops 0", Programs.Run(Hearing + """
        new PercpuRef().Kill();
        new PercpuRef().Dispose();
        PercpuRef.KillAll([new PercpuRef(), new PercpuRef(), new PercpuRef()]);
        new PercpuRef().KillAndConfirm(static _ => { });
        var held = new PercpuRef();
        held.Get();
        held.Kill();
        var released = new PercpuRef();
        released.Put(); // The initial one: a release without a kill.
        string before = $"{Sum("percpu.ref.releases")}";
        held.Put();
        try
        {
            held.Put();
        }
        catch (InvalidOperationException)
        {
        }
        Console.Write($"kills {Sum("percpu.ref.kills")}, releases {before}, misuses {Sum("percpu.ref.misuses")}, drops {Sum("percpu.ref.drops")}");
        GC.KeepAlive(held);

        """ + Hearer));

    [Fact]
    public void A_reference_that_is_dropped_is_counted_once() => Assert.Equal("drops 1", Programs.Run(Hearing + """
        Drop();
        for (int i = 0; i < 200 && Sum("percpu.ref.drops") == 0; i++)
            Collect();
        Collect();
        Console.Write($"drops {Sum("percpu.ref.drops")}");

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Drop() => new PercpuRef().Get();

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(5);
        }

        """ + Hearer));

    [Fact]
    public void The_event_of_a_kill_tells_in_microseconds_what_the_histogram_tells_in_seconds() => Assert.Equal("1 of 1, 1 of 3: held", Programs.Run(Hearing + """
        List<(int Count, double Microseconds)> killed = [];
        using var events = new Listener(data =>
        {
            if (data.EventName == "Killed")
                killed.Add(((int)data.Payload![0]!, (double)data.Payload[1]!));
        });
        new PercpuRef().Kill();
        PercpuRef.KillAll([new PercpuRef(), new PercpuRef(), new PercpuRef()]);
        bool same = durations.Count == killed.Count && durations.Zip(killed).All(pair => pair.First > 0 && Math.Abs(pair.First * 1e6 - pair.Second.Microseconds) < 1e-6 * pair.Second.Microseconds);
        Console.Write($"{string.Join(", ", killed.Select(kill => $"1 of {kill.Count}"))}: {(same ? "held" : string.Join(' ', durations) + " and " + string.Join(' ', killed))}");

        """ + Hearer));

    [Fact]
    public void Each_report_of_a_stall_is_counted_and_tells_milliseconds() => Assert.Equal("held", Programs.Run(Hearing + """
        List<long> readers = [], releases = [];
        using var events = new Listener(data =>
        {
            lock (sums)
            {
                if (data.EventName == "StalledReader")
                    readers.Add((long)data.Payload![2]!);
                if (data.EventName == "StalledRelease")
                    releases.Add((long)data.Payload![2]!);
            }
        });
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var queue = new Percpu.Pagemap.RequestQueue(new Percpu.Pagemap.RequestQueueOptions { StallReportAfter = TimeSpan.FromMilliseconds(50) });
        queue.Enter();
        while (Sum("percpu.ref.stalls") < 2 && clock.ElapsedMilliseconds < 60_000)
            queue.TryFreeze(TimeSpan.FromMilliseconds(300));
        queue.Exit();
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = TimeSpan.FromMilliseconds(50) });
        bool leave = false, inside = false;
        var reader = new Thread(() =>
        {
            using EpochReader section = domain.Enter();
            Volatile.Write(ref inside, true);
            while (!Volatile.Read(ref leave))
                Thread.Sleep(1);
        });
        reader.Start();
        SpinWait.SpinUntil(() => Volatile.Read(ref inside));
        domain.Retire(static () => { });
        SpinWait.SpinUntil(() => domain.Reclaim() == 0 && Sum("percpu.epoch.stalls") >= 2, TimeSpan.FromSeconds(60));
        long elapsed = clock.ElapsedMilliseconds;
        Volatile.Write(ref leave, true);
        reader.Join();
        lock (sums)
        {
            bool counted = sums.GetValueOrDefault("percpu.epoch.stalls") == readers.Count && sums.GetValueOrDefault("percpu.ref.stalls") == releases.Count && readers.Count >= 2 && releases.Count >= 2;
            // Neither ticks nor seconds: from the bound that was asked for up to what has passed in all.
            bool units = readers.Concat(releases).All(milliseconds => milliseconds >= 50 && milliseconds <= elapsed);
            Console.Write(counted && units ? "held" : $"{counted} {units}: {string.Join(' ', readers)}; {string.Join(' ', releases)}; {string.Join(' ', sums)} in {elapsed} ms");
        }

        """ + Hearer));
}
