using System.Diagnostics;

namespace Percpu.PinThroughput.Measuring;

/// <summary>
/// A loop in chunks of <see cref="Operations"/>, with one look at the clock and one comparison of results per chunk.
/// The hot loop is one method of the subject's own, so that the JIT specialises it and sees through every call.
/// </summary>
internal abstract class ChunkLoop : Loop
{
    /// <summary>Operations of a chunk: at a nanosecond each, the clock costs a few parts in a thousand.</summary>
    internal const int Operations = 16_384;

    /// <summary>Runs a chunk and returns a sum over the results of all its operations. Every override is
    /// <see cref="System.Runtime.CompilerServices.MethodImplOptions.NoInlining"/>: else the JIT, led by a profile, copies one subject's
    /// loop into the call in <see cref="Run"/>, with less registers for it than it has by itself, and in one process more than in the next.</summary>
    protected abstract long RunChunk(int chunk);

    /// <summary>The sum that the chunk must return.</summary>
    protected virtual long Expect(int chunk) => Operations;

    internal sealed override Tally Run(long duration)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp(), elapsed;
        int chunk = 0;
        do
        {
            long result = RunChunk(chunk);
            if (result != Expect(chunk))
                throw new CheckFailedException($"{GetType().Name}: a chunk returned {result} instead of {Expect(chunk)}.");
            chunk++;
            elapsed = Stopwatch.GetTimestamp() - start;
        }
        while (elapsed < duration);
        return new Tally((long)chunk * Operations, elapsed, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }
}
