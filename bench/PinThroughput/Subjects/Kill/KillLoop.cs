using System.Diagnostics;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Kill;

/// <summary>Kills batch after batch; only the killing is timed.</summary>
internal sealed class KillLoop(KillSubject subject) : Loop
{
    internal override Tally Run(long duration)
    {
        long begin = Stopwatch.GetTimestamp();
        long ticks = 0, operations = 0;
        do
        {
            subject.NextBatch();
            long start = Stopwatch.GetTimestamp();
            subject.Act();
            ticks += Stopwatch.GetTimestamp() - start;
            operations += KillSubject.BatchSize;
            subject.CheckReleased();
        }
        while (Stopwatch.GetTimestamp() - begin < duration);
        return new Tally(operations, ticks, 0);
    }
}
