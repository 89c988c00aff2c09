using System.Diagnostics;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Swap;

/// <summary>Reads random bytes of the current file, checks each, and is not counted.</summary>
internal sealed class SearchLoop(SwapSubject subject, int thread) : Loop
{
    private const int ReadsPerPin = 64;

    private uint _state = (uint)thread * 2654435761 + 1;

    internal override Tally Run(long duration)
    {
        long start = Stopwatch.GetTimestamp(), pins = 0;
        do
        {
            using MappedPin pin = subject.Cell.Pin();
            int parity = pin.ReadByte(0);
            pins++;
            for (int i = 0; i < ReadsPerPin; i++)
            {
                _state = _state * 1664525 + 1013904223;
                int offset = (int)(_state >> 8) % SwapSubject.Length;
                if (pin.ReadByte(offset) != SwapSubject.ByteAt(offset, parity))
                    throw new CheckFailedException($"percpu-ref: a wrong byte at {offset}.");
            }
        }
        while (Stopwatch.GetTimestamp() - start < duration);
        subject.Read(pins * ReadsPerPin);
        return default;
    }
}
