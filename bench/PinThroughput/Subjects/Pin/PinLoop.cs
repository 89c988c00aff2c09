using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

/// <summary>The hot loop of every subject of <c>pin</c>.</summary>
internal sealed class PinLoop<TPin>(TPin pin) : ChunkLoop
    where TPin : struct, IPin
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TPin local = pin;
        long taken = 0;
        for (int i = 0; i < Operations; i++)
        {
            if (!local.TryTake())
                continue;
            taken++;
            local.Drop();
        }
        return taken;
    }
}
