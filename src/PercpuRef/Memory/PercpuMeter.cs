using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Percpu.Memory;

/// <summary>
/// The meter <c>Percpu</c>; names by the OpenTelemetry conventions. Nothing here is on a get or put: an instrument that
/// nobody listens to costs its owner one test of a flag per kill or release, and the observed ones nothing. Nothing here
/// throws: the callbacks of listeners are user code, and run in the middle of kills and releases.
/// </summary>
internal static class PercpuMeter
{
    internal static readonly Meter Meter = new("Percpu", typeof(PercpuMeter).Assembly.GetName().Version?.ToString(3));

    private static readonly Counter<long> Kills =
        Meter.CreateCounter<long>("percpu.ref.kills", "{kill}", "References killed.");

    private static readonly Histogram<double> KillDuration =
        Meter.CreateHistogram("percpu.ref.kill.duration", "s", "Time from the start of a kill until no get of a live reference succeeds.", tags: null,
            // Kills last microseconds: the buckets collectors take by default begin at milliseconds, if not at seconds.
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2, 1e-1, 1] });

    private static readonly Counter<long> Releases =
        Meter.CreateCounter<long>("percpu.ref.releases", "{release}", "References whose last count was put.");

    private static readonly Counter<long> Stragglers =
        Meter.CreateCounter<long>("percpu.ref.stragglers", "{operation}", "Gets and puts that a mode switch overtook.");

    private static readonly Counter<long> Misuses =
        Meter.CreateCounter<long>("percpu.ref.misuses", "{misuse}", "References put too often or used after their release.");

    private static readonly Counter<long> Stalls =
        Meter.CreateCounter<long>("percpu.epoch.stalls", "{report}", "Reports of readers that hold up a grace period.");

    static PercpuMeter()
    {
        Meter.CreateObservableUpDownCounter("percpu.ref.live", static () => PerProcess.Stripes.References.RentedCount, "{reference}", "References alive, until the garbage collector lets go of them.");
        Meter.CreateObservableUpDownCounter("percpu.stripes", static () => PerProcess.Stripes.AreaCount, "{stripe}", "Private areas of threads.");
        Meter.CreateObservableUpDownCounter("percpu.memory.mapped", static () => MappedTotals.Mapped, "By", "Mapped memory, also when disposed but pinned.");
        Meter.CreateObservableUpDownCounter("percpu.memory.retired", static () => MappedTotals.Retired, "By", "Mapped memory that was disposed but is still pinned.");
        LoadContext.OnUnloading(Meter.Dispose);
    }

    /// <summary>Makes the instruments known to listeners.</summary>
    internal static void Create() => _ = Meter;

    /// <summary>A time stamp if somebody listens for durations or events of kills, else 0.</summary>
    internal static long StartKill() => KillDuration.Enabled || PercpuEventSource.Log.IsEnabled() ? Stopwatch.GetTimestamp() : 0;

    internal static void Killed(long start, int count = 1)
    {
        Add(Kills, count);
        if (start == 0)
            return;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        try
        {
            KillDuration.Record(seconds);
            PercpuEventSource.Log.Killed(count, seconds * 1e6);
        }
        catch (Exception)
        {
            // A listener's, or no memory for the event.
        }
    }

    internal static void Released()
    {
        Add(Releases, 1);
        PercpuEventSource.Log.Released();
    }

    internal static void Straggler()
    {
        Add(Stragglers, 1);
        PercpuEventSource.Log.Straggler();
    }

    internal static void Misuse() => Add(Misuses, 1);

    internal static void Stalled() => Add(Stalls, 1);

    private static void Add(Counter<long> counter, long count)
    {
        if (!counter.Enabled)
            return;
        try
        {
            counter.Add(count);
        }
        catch (Exception)
        {
            // A listener's.
        }
    }
}
