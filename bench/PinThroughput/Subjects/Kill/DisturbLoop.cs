using System.Diagnostics;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Kill;

/// <summary>Pins the references that are being killed; is not counted.</summary>
internal sealed class DisturbLoop(KillSubject subject) : Loop
{
    internal override Tally Run(long duration)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            foreach (PercpuRef reference in subject.Batch)
            {
                if (reference.TryGetLive())
                    reference.Put();
            }
        }
        while (Stopwatch.GetTimestamp() - start < duration);
        return default;
    }
}
