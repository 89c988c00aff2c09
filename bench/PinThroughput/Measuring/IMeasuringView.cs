using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Measuring;

/// <summary>Is told how far the measuring is. Called between rounds only, and must not leave anything running.</summary>
internal interface IMeasuringView
{
    void WarmingUp(Workload workload, IReadOnlyDictionary<string, string> parameters);

    void Measured(Workload workload, IReadOnlyDictionary<string, string> parameters, int round, int rounds, IReadOnlyList<Entry> entries);
}
