using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Scan;

/// <summary>Counts zeros chunk by chunk, and checks each count.</summary>
internal abstract class ScanLoop(ScanFile file, int thread) : ChunkLoop
{
    protected override long Expect(int chunk) => file.Zeros(thread, chunk);

    [MethodImpl(MethodImplOptions.NoInlining)] // And so on what it calls: one subject's loop is not to be copied into this.
    protected override long RunChunk(int chunk)
    {
        long start = ScanFile.Start(thread, chunk);
        return CountZeros(start, start + Operations);
    }

    protected abstract long CountZeros(long from, long to);
}
