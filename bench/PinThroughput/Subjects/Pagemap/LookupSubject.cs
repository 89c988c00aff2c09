using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pagemap;

/// <summary>The caller holds nothing: a read section, the table, and a reference if the map is live.</summary>
internal sealed class LookupSubject(Maps maps) : Subject("lookup")
{
    internal override Loop CreateLoop(int thread) => new FrameLoop<Pin>(new Pin(maps.Table), maps, thread);

    private readonly struct Pin(PagemapTable table) : IFramePin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake(Pfn pfn, DevPagemap map) => ReferenceEquals(table.GetDevPagemap(pfn), map);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop(DevPagemap map) => PagemapTable.PutDevPagemap(map);
    }
}
