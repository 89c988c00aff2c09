using System.Diagnostics;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Swap;

/// <summary>Opens, swaps, disposes; all of it is timed.</summary>
internal sealed class SwapLoop(SwapSubject subject) : Loop
{
    private int _parity;

    internal override Tally Run(long duration)
    {
        long start = Stopwatch.GetTimestamp(), swaps = 0, elapsed;
        do
        {
            _parity ^= 1;
            MappedFile replaced = subject.Cell.Swap(subject.Open(_parity));
            if (!replaced.Reference.IsDying)
                throw new CheckFailedException("percpu-ref: a replaced file is not disposed.");
            swaps++;
            elapsed = Stopwatch.GetTimestamp() - start;
        }
        while (elapsed < duration);
        subject.Swapped(swaps);
        return new Tally(swaps, elapsed, 0);
    }
}
