using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;
using Spectre.Console;

namespace Percpu.PinThroughput.Reports;

/// <summary>Progress as bars that show the yardstick's figure so far.</summary>
internal sealed class LiveView(ProgressContext context) : IMeasuringView
{
    private ProgressTask? _task;

    public void WarmingUp(Workload workload, IReadOnlyDictionary<string, string> parameters)
    {
        _task = context.AddTask($"{Label.Of(workload, parameters)}: warming up");
        context.Refresh();
    }

    public void Measured(Workload workload, IReadOnlyDictionary<string, string> parameters, int round, int rounds, IReadOnlyList<Entry> entries)
    {
        _task!.Description = $"{Label.Of(workload, parameters)}: {Label.OfState(workload, entries)}";
        _task.Value = 100.0 * round / rounds;
        context.Refresh();
    }
}
