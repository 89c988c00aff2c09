using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Gup;

/// <summary>The hot loop of every subject of <c>gup</c>: batch after batch over the range. One page is one operation.</summary>
internal sealed class BatchLoop<TBatch>(PinnedRange range, int batch) : ChunkLoop
    where TBatch : struct, IBatch
{
    private readonly Page[] _pages = new Page[batch];

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        AddressSpace memory = range.Memory;
        ulong start = range.Start;
        Span<Page> pages = _pages;
        long pinned = 0;
        for (int page = 0; page < Operations; page += pages.Length)
            pinned += TBatch.Run(memory, start + ((ulong)(page & (PinnedRange.Pages - 1)) << Pfn.PageShift), pages);
        return pinned;
    }
}
