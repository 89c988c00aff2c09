using System.Diagnostics;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Scan;

/// <summary>Java's MappedByteBuffer, in a process of its own that runs for as many threads and as long.</summary>
internal sealed class JavaSubject(ScanFile scan, string java) : Subject("java")
{
    private readonly JavaProcess _process = new(java, scan.Data.Path, ChunkLoop.Operations);

    internal override bool MayAllocate => true; // For the lines to and from the process; the counting is not here.

    internal override Loop CreateLoop(int thread) => new RemoteLoop(_process, scan, thread);

    protected override void Free() => _process.Dispose();

    private sealed class RemoteLoop(JavaProcess process, ScanFile scan, int thread) : Loop
    {
        internal override Tally Run(long duration)
        {
            long nanoseconds = (long)(duration * (1e9 / Stopwatch.Frequency));
            (long chunks, long elapsed, long zeros) = process.Run(thread, ScanFile.FirstChunk(thread), nanoseconds);
            if (zeros != scan.ZerosOfFirst(thread, chunks))
                throw new CheckFailedException($"java: {zeros} zeros in {chunks} chunks.");
            return new Tally(chunks * ChunkLoop.Operations, (long)(elapsed * (Stopwatch.Frequency / 1e9)), 0);
        }
    }
}
