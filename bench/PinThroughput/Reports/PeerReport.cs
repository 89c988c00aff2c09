using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>A line for each peer that was asked for and did not run.</summary>
internal static class PeerReport
{
    internal static void Print(IReadOnlyList<Workload> workloads)
    {
        foreach (Workload workload in workloads)
        {
            foreach (string peer in workload.PeerIds)
                Console.WriteLine($"{workload.Id} {peer}: not run: this version has no driver for it.");
        }
    }
}
