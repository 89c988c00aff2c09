using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

internal static class ListReport
{
    internal static void Print()
    {
        foreach (Workload workload in Catalogue.All.Concat(Catalogue.Named))
        {
            Console.WriteLine($"{workload.Id}: {workload.Operation}");
            foreach (string subject in workload.SubjectIds)
                Console.WriteLine($"  {subject,-20} {SubjectNames.PlainOf(workload.Id, subject)}");
            if (workload.Threads is { } threads)
                Console.WriteLine($"  threads, whatever --threads says: {string.Join(' ', threads)}");
            if (PeerSet.IdsOf(workload).ToArray() is { Length: > 0 } peers)
                Console.WriteLine($"  with --peers: {string.Join(' ', peers)}");
            foreach (IReadOnlyDictionary<string, string> variant in workload.Variants.Where(variant => variant.Count != 0))
                Console.WriteLine($"  also with: {string.Join(' ', variant.Select(parameter => $"{parameter.Key}={parameter.Value}"))}");
        }
    }
}
