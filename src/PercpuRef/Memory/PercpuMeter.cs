using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// The meter <c>Percpu</c>; names by the OpenTelemetry conventions. Nothing here is on a get or put: an instrument that
/// nobody listens to costs its owner one test of a flag per kill or release, and the observed ones nothing. Nothing here
/// throws: the callbacks of listeners are user code, and run in the middle of kills and releases.
/// </summary>
internal static class PercpuMeter
{
    internal static readonly Meter Meter = Create(null, static () => new Meter("Percpu", typeof(PercpuMeter).Assembly.GetName().Version?.ToString(3)))!;

    private static readonly Counter<long>? Kills = Count("percpu.ref.kills", "{kill}", "References killed.");

    private static readonly Histogram<double>? KillDuration = Create("percpu.ref.kill.duration", static () =>
        Meter.CreateHistogram("percpu.ref.kill.duration", "s", "Time from the start of a kill until no get of a live reference succeeds.", tags: null,
            // Kills last microseconds: the buckets collectors take by default begin at milliseconds, if not at seconds.
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2, 1e-1, 1] }));

    private static readonly Counter<long>? Releases = Count("percpu.ref.releases", "{release}", "References whose last count was put.");

    private static readonly Counter<long>? Stragglers = Count("percpu.ref.stragglers", "{operation}", "Gets and puts that a mode switch overtook.");

    private static readonly Counter<long>? Misuses = Count("percpu.ref.misuses", "{misuse}", "References put too often or used after their release.");

    private static readonly Counter<long>? Drops = Count("percpu.ref.drops", "{reference}", "References that were dropped live, or killed and still held.");

    private static readonly Counter<long>? ReleaseStalls = Count("percpu.ref.stalls", "{report}", "Reports of teardowns and freezes that wait for references nobody puts.");

    private static readonly Counter<long>? Stalls = Count("percpu.epoch.stalls", "{report}", "Reports of readers that hold up a grace period.");

    static PercpuMeter()
    {
        Observe("percpu.ref.live", static () => TotalOfReferences(SlotFigure.Live), "{reference}", "References that were neither killed nor released.");
        Observe("percpu.ref.dying", static () => TotalOfReferences(SlotFigure.Dying), "{reference}", "References that were killed and are still held.");
        Observe("percpu.ref.uncollected", static () => PerProcess.Stripes.References.RentedCount + PerProcess.Stripes.ReferenceLines.RentedCount, "{reference}", "References in any state, until the garbage collector lets go of them.");
        Observe("percpu.epoch.retired", static () => PerProcess.Stripes.Domains.Total(SlotFigure.Retired), "{callback}", "Callbacks that were retired and have not run.");
        Observe("percpu.stripes", static () => PerProcess.Stripes.AreaCount, "{stripe}", "Private areas of threads.");
        Observe("percpu.memory.mapped", static () => MappedTotals.Mapped, "By", "Mapped memory, also when disposed but pinned.");
        Observe("percpu.memory.retired", static () => MappedTotals.Retired, "By", "Mapped memory that was disposed or killed but is still pinned.");
        LoadContext.OnUnloading(Meter.Dispose);
    }

    /// <summary>Makes the instruments known to listeners.</summary>
    internal static void Create() => _ = Meter;

    /// <summary>A time stamp if somebody listens for durations or events of kills, else 0.</summary>
    internal static long StartKill() => KillDuration is { Enabled: true } || PercpuEventSource.Log.IsEnabled() ? Stopwatch.GetTimestamp() : 0;

    internal static void Killed(long start, int count = 1)
    {
        Add(Kills, count);
        if (start == 0)
            return;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        try
        {
            KillDuration?.Record(seconds);
        }
        catch (Exception exception)
        {
            Waiter.Postpone(exception); // A listener's.
        }
        PercpuEventSource.Log.Killed(count, seconds * 1e6);
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

    internal static void Dropped() => Add(Drops, 1);

    internal static void StalledRelease() => Add(ReleaseStalls, 1);

    private static void Add(Counter<long>? counter, long count)
    {
        if (counter is not { Enabled: true })
            return;
        try
        {
            counter.Add(count);
        }
        catch (Exception exception)
        {
            Waiter.Postpone(exception); // A listener's.
        }
    }

    private static long TotalOfReferences(SlotFigure figure) => PerProcess.Stripes.References.Total(figure) + PerProcess.Stripes.ReferenceLines.Total(figure);

    private static Counter<long>? Count(string name, string unit, string description) =>
        Create(name, () => Meter.CreateCounter<long>(name, unit, description));

    private static void Observe(string name, Func<long> observe, string unit, string description) =>
        Create(name, () => Meter.CreateObservableUpDownCounter(name, observe, unit, description));

    /// <summary>Creates an instrument. Listeners are told of it in the middle, and what they throw, or an interrupt that meets a
    /// lock in there, must not end this class's initialisation: it would be broken for the life of the process.</summary>
    private static T? Create<T>(string? name, Func<T> create) where T : class
    {
        Exception? interrupt = null;
        try
        {
            while (true)
            {
                try
                {
                    return create();
                }
                catch (Exception exception) when (IsInterrupt(exception))
                {
                    interrupt = exception;
                }
                catch (Exception) when (name is not null)
                {
                    return Find(name) as T; // It is there; a listener has not heard of it.
                }
                if (name is not null && Find(name) is T found)
                    return found;
            }
        }
        finally
        {
            if (interrupt is not null)
                Waiter.Postpone(interrupt);
        }
    }

    // Apart: code that names the type has the runtime load one assembly more, and keep two file descriptors for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsInterrupt(Exception exception) => exception is ThreadInterruptedException;

    private static Instrument? Find(string name)
    {
        Instrument? found = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter, Meter) && instrument.Name == name)
                found = instrument;
        };
        listener.Start();
        return found;
    }
}
