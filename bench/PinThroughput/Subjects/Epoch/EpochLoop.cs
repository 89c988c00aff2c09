using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Epoch;

/// <summary>The hot loop of every subject of <c>epoch</c>.</summary>
internal sealed class EpochLoop<TSection>(TSection section) : ChunkLoop
    where TSection : struct, ISection
{
    private readonly long[] _word = [1];

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TSection local = section;
        ref readonly long word = ref _word[0];
        long sum = 0;
        for (int i = 0; i < Operations; i++)
            local.Read(in word, ref sum);
        return sum;
    }
}
