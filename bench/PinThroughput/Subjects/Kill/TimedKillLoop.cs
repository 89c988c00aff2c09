using System.Diagnostics;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Kill;

/// <summary>Kills batch after batch; looks at the clock before and after every kill.</summary>
internal sealed class TimedKillLoop(KillSubject subject, Action<PercpuRef> one) : Loop
{
    internal override LatencyHistogram Latency { get; } = new();

    internal override Tally Run(long duration)
    {
        long begin = Stopwatch.GetTimestamp(), ticks = 0, operations = 0;
        do
        {
            subject.NextBatch();
            foreach (PercpuRef reference in subject.Batch)
            {
                long start = Stopwatch.GetTimestamp();
                one(reference);
                long took = Stopwatch.GetTimestamp() - start;
                Latency.Record(took);
                ticks += took;
            }
            operations += KillSubject.BatchSize;
            subject.CheckReleased();
        }
        while (Stopwatch.GetTimestamp() - begin < duration);
        return new Tally(operations, ticks, 0);
    }
}
