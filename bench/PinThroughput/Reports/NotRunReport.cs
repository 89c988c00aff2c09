using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>A line for each subject that this machine cannot run.</summary>
internal static class NotRunReport
{
    internal static void Print(IReadOnlyList<Workload> workloads)
    {
        foreach (Workload workload in workloads)
        {
            foreach ((string subject, string reason) in workload.NotRun)
                Console.WriteLine($"{workload.Id} {subject}: not run: {reason}");
        }
    }
}
