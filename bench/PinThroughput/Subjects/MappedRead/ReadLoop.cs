using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>Reads one byte as one subject does it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IByteReader
{
    byte Read(int position);
}

/// <summary>A loop over random positions; checks the sum of the bytes.</summary>
internal abstract class PositionLoop(int thread, int window) : ChunkLoop
{
    private readonly long[] _sums = Positions.ExpectedSums(thread, window);

    protected override long Expect(int chunk) => _sums[chunk % _sums.Length];

    protected Positions PositionsOf(int chunk) => Positions.Of(thread, chunk, window);
}

/// <summary>The hot loop of every subject of <c>mapped-read</c> that does each read by itself.</summary>
internal sealed class ReadLoop<TReader>(TReader reader, int thread, int window) : PositionLoop(thread, window)
    where TReader : struct, IByteReader
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TReader local = reader;
        Positions positions = PositionsOf(chunk);
        long sum = 0;
        for (int i = 0; i < Operations; i++)
            sum += local.Read(positions.Next());
        return sum;
    }
}
