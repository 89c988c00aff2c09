using System.Diagnostics.Metrics;

namespace Percpu.Programs;

/// <summary>Hears what the library's instruments measure, other than those that are observed.</summary>
internal sealed class MeterHearer : IDisposable
{
    private readonly Dictionary<string, long> _sums = [];
    private readonly MeterListener _listener = new();

    internal MeterHearer()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Percpu" && !instrument.IsObservable)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (_sums)
                _sums[instrument.Name] = _sums.GetValueOrDefault(instrument.Name) + value;
        });
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => Durations.Add(value));
        _listener.Start();
    }

    /// <summary>What histograms were given, in seconds.</summary>
    internal List<double> Durations { get; } = [];

    /// <summary>What a counter has counted.</summary>
    internal long Sum(string name)
    {
        lock (_sums)
            return _sums.GetValueOrDefault(name);
    }

    public void Dispose() => _listener.Dispose();
}
