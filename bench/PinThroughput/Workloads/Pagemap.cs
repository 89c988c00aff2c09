using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class PagemapWorkload : Workload
{
    internal override string Id => "pagemap";

    internal override string Operation => "get and put the map of a random page frame among 64 maps";

    internal override string Yardstick => "pin";

    internal override IReadOnlyList<string> SubjectIds => ["cached", "lookup", "pin"];

    internal override IReadOnlyList<string> OwnIds => ["cached", "lookup", "pin"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var maps = new Maps();
        return new WorkloadInstance([new CachedSubject(maps), new LookupSubject(maps), new MapPinSubject(maps)], maps);
    }
}

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

/// <summary>The map's reference without a table: what the other two are measured against. Comes last, and so checks
/// that all three together left no count.</summary>
internal sealed class MapPinSubject(Maps maps) : Subject("pin")
{
    internal override Loop CreateLoop(int thread) => new FrameLoop<Pin>(default, maps, thread);

    internal override void CheckBalance() => Check(maps.KillAll(), "the counts are not zero after the kill.");

    private readonly struct Pin : IFramePin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake(Pfn pfn, DevPagemap map) => map.Contains(pfn) && map.Reference.TryGetLive();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop(DevPagemap map) => map.Reference.Put();
    }
}

/// <summary>A table with 64 maps of 2,048 frames, each in a section of its own.</summary>
internal sealed class Maps : IDisposable
{
    internal const int Count = 64;
    internal const ulong Frames = 2_048;
    private const ulong FirstFrame = 8 * PagemapTable.PagesPerSection;

    internal Maps()
    {
        for (int i = 0; i < Count; i++)
            All[i] = Table.Register(new PfnRange(FrameOf(i, 0), Frames), new PercpuRef());
    }

    internal PagemapTable Table { get; } = new();

    internal DevPagemap[] All { get; } = new DevPagemap[Count];

    internal static Pfn FrameOf(int map, ulong frame) => new(FirstFrame + (ulong)map * PagemapTable.PagesPerSection + frame);

    /// <summary>Whether no count is left after all are killed.</summary>
    internal bool KillAll()
    {
        PercpuRef[] references = [.. All.Select(map => map.Reference)];
        if (!references[0].IsDying)
            PercpuRef.KillAll(references);
        return references.All(reference => reference.IsZero);
    }

    public void Dispose()
    {
        KillAll();
        foreach (DevPagemap map in All)
            Table.Unregister(map);
    }
}
