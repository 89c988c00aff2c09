using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Percpu.Programs;

/// <summary>
/// Loads this assembly and the library once more for each of six plug-ins, and unloads them; says whether anything stays of them:
/// instruments, mappings, address space (Linux).
/// </summary>
public static class PluginHost
{
    /// <param name="plugin">The class to use there: <see cref="MemoryPlugin"/> or <see cref="DevicePlugin"/>.</param>
    public static void Run(string plugin)
    {
        string path = Path.GetFullPath("mapped file of a plug-in");
        File.WriteAllBytes(path, new byte[8192]);
        int heard = 0, gone = 0, eventsHeard = 0;
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Percpu")
                    listener.EnableMeasurementEvents(instrument);
            },
            MeasurementsCompleted = (instrument, state) => gone++,
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Interlocked.Increment(ref heard));
        meters.Start();
        using var events = new EventHearer(_ => Interlocked.Increment(ref eventsHeard));

        int steady = 0;
        for (int round = 0; round < 6; round++)
        {
            int eventsBefore = eventsHeard, heardBefore = heard, goneBefore = gone;
            WeakReference context = LoadAndUse(plugin, path, meters);
            Check(heard > heardBefore, $"round {round}: no measurement was heard");
            Check(eventsHeard > eventsBefore, $"round {round}: no event was heard");
            Check(gone >= goneBefore + 10, $"round {round}: {gone - goneBefore} instruments are gone");
            for (int i = 0; i < 200 && (context.IsAlive || i < 4 || (round > 1 && Reserved() > steady)); i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Thread.Sleep(20);
            }
            Check(!context.IsAlive, $"round {round}: the context is still there");
            Check(!File.ReadAllText("/proc/self/maps").Contains(path, StringComparison.Ordinal), $"round {round}: the file is still mapped");
            // The runtime's own small maps come and go: the library reserves large ones.
            if (round == 1)
                steady = Reserved();
            Check(round < 2 || Reserved() <= steady, $"round {round}: {Reserved()} large maps, {steady} before");
        }
        Console.WriteLine("unloaded");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadAndUse(string plugin, string path, MeterListener meters)
    {
        var context = new PluginContext(AppContext.BaseDirectory);
        Type type = context.LoadFromAssemblyPath(typeof(PluginHost).Assembly.Location).GetType($"{typeof(PluginHost).Namespace}.{plugin}", throwOnError: true)!;
        type.GetMethod("Use")!.Invoke(null, [path]);
        meters.RecordObservableInstruments();
        context.Unload();
        return new WeakReference(context);
    }

    private static int Reserved() => File.ReadLines("/proc/self/maps").Count(line =>
    {
        string[] range = line.Split(' ')[0].Split('-');
        return line.Contains("---p 00000000 00:00 0", StringComparison.Ordinal)
            && long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) - long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) > 200L << 20;
    });

    private static void Check(bool condition, string otherwise)
    {
        if (condition)
            return;
        Console.Error.WriteLine(otherwise);
        // No exception: what records for the tool of mutants keeps its load context, so this is reached then, and it writes when a process ends in order.
        Environment.Exit(1);
    }
}
