using System.Diagnostics;
using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

/// <summary>Looks at the clock before and after every pin and unpin.</summary>
internal sealed class TimedPinLoop<TPin>(TPin pin) : Loop
    where TPin : struct, IPin
{
    internal override LatencyHistogram Latency { get; } = new();

    internal override Tally Run(long duration)
    {
        long begin = Stopwatch.GetTimestamp(), operations = 0, ticks = 0, now;
        do
        {
            ticks += RunSome();
            operations += Some;
            now = Stopwatch.GetTimestamp();
        }
        while (now - begin < duration);
        return new Tally(operations, ticks, 0);
    }

    private const int Some = 1_000;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long RunSome()
    {
        TPin local = pin;
        long ticks = 0;
        for (int i = 0; i < Some; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (!local.TryTake())
                throw new CheckFailedException("a pin was refused although nothing was killed.");
            local.Drop();
            long took = Stopwatch.GetTimestamp() - start;
            Latency.Record(took);
            ticks += took;
        }
        return ticks;
    }
}
