using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pagemap;

/// <summary>Pins a frame's map as one subject does it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IFramePin
{
    /// <summary>Takes a reference of the map of a frame; whether it was the right one.</summary>
    bool TryTake(Pfn pfn, DevPagemap map);

    void Drop(DevPagemap map);
}

/// <summary>The hot loop of every subject of <c>pagemap</c>.</summary>
internal sealed class FrameLoop<TPin>(TPin pin, Maps maps, int thread) : ChunkLoop
    where TPin : struct, IFramePin
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TPin local = pin;
        DevPagemap[] all = maps.All;
        ulong state = ((ulong)thread + 1) * 0x9E3779B97F4A7C15;
        long taken = 0;
        for (int i = 0; i < Operations; i++)
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            int index = (int)(state >> 58);
            Pfn pfn = FrameOf(index, state >> 32);
            DevPagemap map = all[index];
            if (!local.TryTake(pfn, map))
                continue;
            taken++;
            local.Drop(map);
        }
        return taken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pfn FrameOf(int index, ulong random) => Maps.FrameOf(index, random & (Maps.Frames - 1));
}
