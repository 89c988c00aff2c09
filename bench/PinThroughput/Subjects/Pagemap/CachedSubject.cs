using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pagemap;

/// <summary>The caller holds a reference of the map, as a walk over neighbouring pages does: one blind get.</summary>
internal sealed class CachedSubject : Subject
{
    private readonly Maps _maps;

    internal CachedSubject(Maps maps)
        : base("cached")
    {
        _maps = maps;
        foreach (DevPagemap map in maps.All)
            map.Reference.Get();
    }

    internal override Loop CreateLoop(int thread) => new FrameLoop<Pin>(new Pin(_maps.Table), _maps, thread);

    internal override void CheckBalance()
    {
        foreach (DevPagemap map in _maps.All)
            map.Reference.Put();
    }

    private readonly struct Pin(PagemapTable table) : IFramePin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake(Pfn pfn, DevPagemap map) => ReferenceEquals(table.GetDevPagemap(pfn, map), map);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop(DevPagemap map) => PagemapTable.PutDevPagemap(map);
    }
}
