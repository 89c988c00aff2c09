using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>Progress as plain lines.</summary>
internal sealed class PlainView : IMeasuringView
{
    public void WarmingUp(Workload workload, IReadOnlyDictionary<string, string> parameters) =>
        Console.WriteLine($"{Label.Of(workload, parameters)}: warming up");

    public void Measured(Workload workload, IReadOnlyDictionary<string, string> parameters, int round, int rounds, IReadOnlyList<Entry> entries)
    {
        if (round == rounds)
            Console.WriteLine($"{Label.Of(workload, parameters)}: {rounds} rounds measured; {Label.OfState(workload, entries)}");
    }
}
